import { useComputedColorScheme } from '@mantine/core'
import {
  AreaSeries,
  ColorType,
  createChart,
  type IChartApi,
  type ISeriesApi,
  LineStyle,
  TickMarkType,
  type UTCTimestamp,
} from 'lightweight-charts'
import { useEffect, useRef } from 'react'
import type { EquityPoint } from '../../../src/api/contract.ts'
import { money } from '../words/figures.ts'
import { dateText, exactTime, minuteTime } from '../words/times.ts'
import css from './equity-chart.module.css'

/** Room after the close in which the label of the last hour fits, as a multiple of the whole. */
const MARGIN = 1.04

/** What part of the curve is in view: all of it, up to `until` points, or what the reader chose. */
type Frame = { until: number; isReaders: boolean }

type Chart = { readonly api: IChartApi; readonly series: ISeriesApi<'Area'>; readonly frame: Frame }

type EquityChartProps = {
  readonly points: readonly EquityPoint[]
  /** Close of the session that the last point lies in; room is left until then. Undefined when there is none. */
  readonly closesAt: number | undefined
}

/** Equity over session time: nights and holidays take no room. The last value stands at the axis, the dashed line is where the book began. */
export default function EquityChart({ points, closesAt }: EquityChartProps) {
  const holder = useRef<HTMLDivElement>(null)
  const chart = useRef<Chart>(undefined)
  const scheme = useComputedColorScheme('dark')

  // biome-ignore lint/correctness/useExhaustiveDependencies: the chart copies its colours, so another scheme needs another chart
  useEffect(() => {
    if (holder.current === null) return
    const made = drawChart(holder.current)
    chart.current = made
    return () => made.api.remove()
  }, [scheme])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart that was made anew holds nothing yet
  useEffect(() => {
    if (chart.current !== undefined) showPoints(chart.current, points, closesAt)
  }, [points, closesAt, scheme])

  return <div ref={holder} className={css.chart} role="img" aria-label={inWords(points)} />
}

function drawChart(holder: HTMLDivElement): Chart {
  const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  const [accent, line, muted] = [token('--accent'), token('--line'), token('--muted')]
  const api = createChart(holder, {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: 'transparent' },
      textColor: muted,
      fontFamily: "'Inter Variable', system-ui, sans-serif",
      fontSize: 11,
      attributionLogo: false,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: `${line}80` } },
    rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.1, bottom: 0.08 } },
    timeScale: {
      borderColor: line,
      timeVisible: true,
      secondsVisible: false,
      tickMarkFormatter: (time: UTCTimestamp, type: TickMarkType) =>
        type >= TickMarkType.Time ? minuteTime(time * 1000) : dateText(time * 1000).slice(5),
    },
    crosshair: {
      vertLine: { color: muted, labelBackgroundColor: muted },
      horzLine: { color: muted, labelBackgroundColor: muted },
    },
    localization: {
      priceFormatter: money,
      tickmarksPriceFormatter: (prices: number[]) => prices.map(axisMoney),
      timeFormatter: (time: UTCTimestamp) => exactTime(time * 1000),
    },
    handleScroll: { vertTouchDrag: false },
  })
  const series = api.addSeries(AreaSeries, {
    lineColor: accent,
    lineWidth: 2,
    topColor: `${accent}1f`,
    bottomColor: `${accent}00`,
    priceLineVisible: false,
    lastValueVisible: true,
    crosshairMarkerRadius: 3,
  })
  const frame = { until: 1, isReaders: false }
  keepFramed(holder, api, frame)
  return { api, series, frame }
}

function showPoints({ api, series, frame }: Chart, points: readonly EquityPoint[], closesAt: number | undefined): void {
  const shown = [...points.map(pointOf), ...roomUntil(closesAt, points.at(-1)?.at)]
  const range = api.timeScale().getVisibleLogicalRange()
  series.setData(shown)
  frame.until = shown.length * MARGIN
  if (!frame.isReaders) showAll(api, frame)
  else if (range !== null) api.timeScale().setVisibleLogicalRange(range)
  markBeginning(series, points.at(0))
}

function showAll(api: IChartApi, frame: Frame): void {
  api.timeScale().setVisibleLogicalRange({ from: 0, to: frame.until })
}

/** Keeps the whole curve in view, whatever the size, until the reader pans or zooms. */
function keepFramed(holder: HTMLElement, api: IChartApi, frame: Frame): void {
  for (const gesture of ['wheel', 'pointerdown']) {
    holder.addEventListener(
      gesture,
      () => {
        frame.isReaders = true
      },
      { passive: true },
    )
  }
  api.timeScale().subscribeSizeChange(() => {
    if (!frame.isReaders) showAll(api, frame)
  })
}

function markBeginning(series: Chart['series'], first: EquityPoint | undefined): void {
  for (const line of series.priceLines()) series.removePriceLine(line)
  if (first === undefined) return
  series.createPriceLine({
    price: Number(first.equityUsd),
    lineStyle: LineStyle.Dashed,
    lineWidth: 1,
    color: '#8b96a580',
    axisLabelVisible: false,
    title: '',
  })
}

/** Empty minutes after the last point until the close, so that the day keeps its width while it fills. */
function roomUntil(closesAt: number | undefined, last: number | undefined): { time: UTCTimestamp }[] {
  if (closesAt === undefined || last === undefined) return []
  const minutes = Math.max(0, Math.floor((closesAt - last) / 60_000))
  return Array.from({ length: minutes }, (_, i) => ({ time: (Math.floor(last / 1000) + (i + 1) * 60) as UTCTimestamp }))
}

function pointOf({ at, equityUsd }: EquityPoint): { time: UTCTimestamp; value: number } {
  return { time: Math.floor(at / 1000) as UTCTimestamp, value: Number(equityUsd) }
}

/** Gridlines fall on round numbers: cents only where they are needed. */
function axisMoney(dollars: number): string {
  return money(dollars).replace(/\.00$/, '')
}

function inWords(points: readonly EquityPoint[]): string {
  const [first, last] = [points.at(0), points.at(-1)]
  if (!first || !last) return 'Equity: nothing marked yet'
  const values = points.map((point) => Number(point.equityUsd))
  return `Equity from ${money(first.equityUsd)} at ${exactTime(first.at)} to ${money(last.equityUsd)} at ${exactTime(last.at)}, lowest ${money(Math.min(...values))}, highest ${money(Math.max(...values))}`
}
