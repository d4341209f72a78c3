import { decimalFrom, type MicroUsd, moneyFrom } from '#domain/money.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Figures, FractionFigure, MoneyFigure } from './views.ts'

/** The marks that the figures of a day rest on; money as decimal text. */
export type Marks = {
  /** The newest mark, or undefined before the first. */
  readonly last: { readonly at: EpochMs; readonly equity: string; readonly grossExposure: string } | undefined
  /** Equity when the day began: the last mark before the session opened, else the session's first. */
  readonly dayOpening: string | undefined
  readonly openPairs: number
  readonly closedPairs: number
  readonly closedWithGain: number
}

const NOT_MARKED = 'Equity has not been marked in this book yet; the first mark comes a minute after the open.'
const NONE_CLOSED = 'No pair has been closed in this book yet.'

/** The portfolio's figures. What the marks do not say is unknown with its reason, never 0. Throws RangeError for money that is not decimal text. */
export function figuresFrom({ last, dayOpening, openPairs, closedPairs, closedWithGain }: Marks): Figures {
  const pairs = {
    openPairs: { kind: 'known' as const, value: openPairs },
    closedPairs,
    winRate: winRateOf(closedWithGain, closedPairs),
  }
  if (last === undefined || dayOpening === undefined) {
    const unknown = { kind: 'unknown' as const, reason: NOT_MARKED }
    return {
      ...pairs,
      equityUsd: unknown,
      dayProfitUsd: unknown,
      dayReturn: unknown,
      grossExposureUsd: unknown,
      grossExposure: unknown,
      markedAt: null,
    }
  }
  const [equity, opening, gross] = [money(last.equity), money(dayOpening), money(last.grossExposure)]
  return {
    ...pairs,
    equityUsd: known(equity),
    dayProfitUsd: known((equity - opening) as MicroUsd),
    dayReturn: ratio(Number(equity - opening), opening),
    grossExposureUsd: known(gross),
    grossExposure: ratio(Number(gross), equity),
    markedAt: last.at,
  }
}

/** Profit of both legs at the marks, or unknown with the symbol that has no price. Shares are signed. */
export function unrealisedOf(legs: readonly Leg[]): MoneyFigure {
  const silent = legs.find((leg) => leg.entryPrice === null || leg.price === null)
  if (silent) return { kind: 'unknown', reason: unpriced(silent) }
  const profit = legs.reduce((sum, leg) => sum + leg.shares * ((leg.price ?? Number.NaN) - (leg.entryPrice ?? Number.NaN)), 0)
  return { kind: 'known', value: profit.toFixed(2) }
}

export type Leg = {
  readonly symbol: string | null
  readonly shares: number
  readonly entryPrice: number | null
  readonly price: number | null
}

function unpriced({ symbol, entryPrice }: Leg): string {
  const name = symbol ?? 'one leg'
  return entryPrice === null
    ? `The entry order of ${name} has not filled yet.`
    : `No price of ${name} has come in this session yet.`
}

function winRateOf(won: number, closed: number): FractionFigure {
  return closed === 0 ? { kind: 'unknown', reason: NONE_CLOSED } : { kind: 'known', value: won / closed }
}

function ratio(part: number, whole: MicroUsd): FractionFigure {
  return whole === 0n
    ? { kind: 'unknown', reason: 'The account holds no equity.' }
    : { kind: 'known', value: part / Number(whole) }
}

function known(value: MicroUsd): MoneyFigure {
  return { kind: 'known', value: decimalFrom(value) }
}

function money(text: string): MicroUsd {
  const value = moneyFrom(text)
  if (value === undefined) throw new RangeError(`money must be decimal text, got ${text}`)
  return value
}
