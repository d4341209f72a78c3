import { TIMEFRAME_MS, type Timeframe } from '#domain/bars.ts'
import { wrongRequest } from '#domain/fault.ts'
import { DAY_MS } from '#domain/units.ts'
import type { CsvRecord } from './bar-decoder.ts'
import { fieldText } from './csv-record.ts'
import type { BarColumnsAt } from './header.ts'
import { stampReader } from './stamp.ts'

/** A gap counts as common when this fraction of all gaps is as long: rarer ones are late prints and changed clocks. */
const COMMON = 0.02
const TIMEFRAMES: readonly Timeframe[] = ['1m', '5m', '15m', '1h', '1d']

/** Infers the timeframe of a file from the stamps of its first rows. */
export type TimeframeInference = {
  readonly see: (record: CsvRecord) => void
  /** Throws IMPORT_TIMEFRAME_UNKNOWN when no common gap between rows of one symbol is a timeframe. */
  readonly timeframe: () => Timeframe
  /** Throws IMPORT_ZONE_MISSING when most stamps name no zone, none was given, and the bars lie within days. Single ones are rejected as rows. */
  readonly refuseNaive: (timeframe: Timeframe) => void
}

export function timeframeInference(file: string, at: BarColumnsAt, zone: string | undefined): TimeframeInference {
  const readStamp = stampReader(zone)
  const stamps = new Map<string, number[]>()
  let example = ''
  let naive = 0
  let seen = 0
  let dates = 0
  const see = (record: CsvRecord): void => {
    const { bytes, spans } = record
    if (spans.isBroken || spans.count <= Math.max(at.symbol, at.timestamp)) return
    const stamp = readStamp(bytes, spans.starts[at.timestamp], spans.ends[at.timestamp])
    if (stamp.form === 'unparsable' || stamp.form === 'ambiguous') return
    seen++
    if (stamp.form === 'naive' && naive++ === 0) example = fieldText(bytes, spans, at.timestamp)
    if (stamp.form === 'date') dates++
    const symbol = fieldText(bytes, spans, at.symbol)
    const known = stamps.get(symbol)
    if (known) known.push(stamp.at)
    else stamps.set(symbol, [stamp.at])
  }
  return {
    see,
    timeframe: () => {
      const gaps = gapsOf(stamps)
      const gap = gaps.size === 0 && dates > 0 ? DAY_MS : smallestCommon(gaps)
      const timeframe = TIMEFRAMES.find((name) => TIMEFRAME_MS[name] === gap)
      if (timeframe === undefined) throw timeframeUnknown(file, gap)
      return timeframe
    },
    refuseNaive: (timeframe) => {
      if (naive > seen / 2 && timeframe !== '1d') throw zoneMissing(file, example)
    },
  }
}

/** How often each gap between neighbouring stamps of one symbol occurs, in whatever order the rows came. */
function gapsOf(stamps: ReadonlyMap<string, readonly number[]>): Map<number, number> {
  const gaps = new Map<number, number>()
  for (const unsorted of stamps.values()) {
    const sorted = Float64Array.from(unsorted).sort()
    for (let i = 1; i < sorted.length; i++) {
      const gap = sorted[i] - sorted[i - 1]
      if (gap > 0) gaps.set(gap, (gaps.get(gap) ?? 0) + 1)
    }
  }
  return gaps
}

function smallestCommon(gaps: ReadonlyMap<number, number>): number | undefined {
  const total = gaps.values().reduce((sum, n) => sum + n, 0)
  const common = [...gaps].filter(([, n]) => n >= COMMON * total).map(([gap]) => gap)
  return common.length === 0 ? undefined : Math.min(...common)
}

function timeframeUnknown(file: string, gap: number | undefined): Error {
  const seen = gap === undefined ? 'no two rows of one symbol tell it' : `the smallest common gap between rows is ${gap / 1000} s`
  return wrongRequest(
    'IMPORT_TIMEFRAME_UNKNOWN',
    `The timeframe of ${file} cannot be told from its stamps (${seen}); name it with --timeframe ${TIMEFRAMES.join(', ')}.`,
  )
}

function zoneMissing(file: string, example: string): Error {
  return wrongRequest(
    'IMPORT_ZONE_MISSING',
    `${file} has timestamps without a time zone (\`${example}\`); name the zone with --zone, for example --zone America/New_York.`,
  )
}
