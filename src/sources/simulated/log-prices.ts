import { randomStream } from '#domain/random.ts'
import { minutesOf, type Session } from '#domain/sessions.ts'
import type { FactorLoads, Mover, Partner } from './companies.ts'
import { cumulated, garchNoise, intradayLevel } from './noise.ts'
import { type Pin, spreadPath } from './spread-path.ts'

/** One session of one company: ln price at the open, and at the end of each minute. */
export type LogPrices = { readonly open: number; readonly close: Float64Array }

/** Standard deviation of a night's log return over that of an average minute. */
const NIGHT_MINUTES = 6

/**
 * Ln prices of a mover in every session, as `sessions`. Each session's moves come from streams named by how many sessions
 * before the last it is, and levels are chained backwards from the last open: the last session is the same whatever came before.
 */
export function moverPrices(seed: number, mover: Mover, sessions: readonly Session[]): LogPrices[] {
  const prices: LogPrices[] = []
  let open = mover.lastOpen
  for (let back = 0; back < sessions.length; back++) {
    const minutes = minutesOf(sessions[sessions.length - 1 - back])
    const path = cumulated(minuteReturns(seed, mover, { back, minutes }))
    if (back > 0) open -= path[minutes - 1] + nightReturn(seed, mover, back - 1)
    const base = open
    prices.unshift({ open: base, close: path.map((r) => base + r) })
  }
  return prices
}

/** Ln prices of a partner in every session: those of its x, hedged, and the planted spread. */
export function partnerPrices(seed: number, { planted, listing }: Partner, x: readonly LogPrices[]): LogPrices[] {
  const { intercept, hedgeRatio, spreadDeviation, halfLifeBars } = planted
  return x.map((prices, i) => {
    const back = x.length - 1 - i
    const bars = prices.close.length
    const start = spreadAtOpen(seed, listing.symbol, back)
    const pins: Pin[] = [
      back === 0
        ? excursion(seed, listing.symbol, start)
        : { bar: bars - 1, value: spreadAtOpen(seed, listing.symbol, back - 1) },
    ]
    const spread = spreadPath(randomStream(seed, 'spread', listing.symbol, back), { halfLifeBars }, { bars, start, pins })
    return {
      open: intercept + hedgeRatio * prices.open + spreadDeviation * start,
      close: prices.close.map((p, t) => intercept + hedgeRatio * p + spreadDeviation * spread[t]),
    }
  })
}

function minuteReturns(
  seed: number,
  mover: Mover,
  { back, minutes }: { readonly back: number; readonly minutes: number },
): Float64Array {
  const sources = sourcesOf(mover).map(([load, ...labels]) => ({
    load,
    noise: garchNoise(randomStream(seed, 'minutes', ...labels, back), minutes),
  }))
  return new Float64Array(minutes).map(
    (_, t) => intradayLevel(t) * sources.reduce((sum, { load, noise }) => sum + load * noise[t], 0),
  )
}

/** The log return of the night before the session `back` sessions before the last. */
function nightReturn(seed: number, mover: Mover, back: number): number {
  return sourcesOf(mover).reduce(
    (sum, [load, ...labels]) => sum + NIGHT_MINUTES * load * randomStream(seed, 'night', ...labels, back).normal(),
    0,
  )
}

function sourcesOf({
  loads,
  listing,
}: {
  readonly loads: FactorLoads
  readonly listing: Mover['listing']
}): [number, ...string[]][] {
  return [
    [loads.market, 'market'],
    [loads.sector, 'sector', listing.sector],
    [loads.own, 'own', listing.symbol],
  ]
}

/** Where the spread stands at the open, standard deviations: near its mean before the last session, so that its excursion shows. */
function spreadAtOpen(seed: number, symbol: string, back: number): number {
  return (back === 0 ? 0.25 : 0.8) * randomStream(seed, 'spread at open', symbol, back).normal()
}

/** The last session's early excursion: within its first half hour the spread is three deviations off, on the side away from its start. */
function excursion(seed: number, symbol: string, start: number): Pin {
  const bar = 10 + randomStream(seed, 'excursion', symbol).below(14)
  return { bar, value: start < 0 ? 3 : -3 }
}
