import { type MicroUsd, usdFrom } from '#domain/money.ts'
import { filledSharesOf, type OrderState } from '#domain/order.ts'
import { nameOf, type Pair, type PairName } from '#domain/pair.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Profit } from '#portfolio/value.ts'
import type { Signal, SignalKind } from '#signals/signal.ts'

/** Scores of one model on its test part; undefined where they could not be told. */
export type ModelFigures = { readonly isPromoted: boolean; readonly f1: number | undefined; readonly auc: number | undefined }

export type ReportedDecision = {
  readonly pair: PairName
  readonly verdict: 'approved' | 'refused'
  readonly sentence: string | undefined
}

/** What a rehearsed day left behind. */
export type DayRecord = {
  readonly day: SessionDate
  /** The feed of its bars. */
  readonly source: string
  readonly symbols: number
  readonly bars: { readonly replayed: number; readonly missing: number }
  readonly pairs: { readonly tested: number; readonly correlated: number; readonly cointegrated: number }
  /** Best first. */
  readonly shortlist: readonly PairName[]
  readonly models: readonly ModelFigures[]
  readonly signals: readonly Signal[]
  readonly decisions: readonly ReportedDecision[]
  readonly orders: readonly { readonly pair: Pair; readonly state: OrderState }[]
  readonly profit: Profit
  readonly certificate: string
  readonly seconds: DayReport['seconds']
}

type Spread = { readonly mean: number | null; readonly best: number | null }

/** The report of a rehearsed day, as `rehearse --json` prints it. `null` is a figure that nothing was there to make. */
export type DayReport = {
  readonly day: SessionDate
  readonly source: string
  readonly symbols: number
  readonly bars: { readonly replayed: number; readonly missing: number }
  readonly pairs: {
    readonly tested: number
    readonly correlated: number
    readonly cointegrated: number
    readonly shortlisted: number
  }
  readonly models: { readonly trained: number; readonly promoted: number; readonly f1: Spread; readonly auc: Spread }
  readonly signals: number
  readonly approvals: number
  readonly refusals: number
  readonly orders: { readonly submitted: number; readonly filled: number; readonly rejected: number }
  readonly pnlUsd: { readonly gross: number; readonly costs: number; readonly net: number }
  readonly certificate: string
  readonly seconds: {
    readonly load: number
    readonly screen: number
    readonly train: number
    readonly session: number
    readonly total: number
  }
  readonly signalsByKind: Readonly<Record<SignalKind, number>>
  /** Shortlisted pairs beyond `pairs.maximum`, which were not trained. */
  readonly leftOut: number
  /** When nothing traded: for each shortlisted pair, what stopped it. */
  readonly stoppedBy: Readonly<Record<PairName, string>>
}

/** The report of a day. */
export function dayReport(record: DayRecord): DayReport {
  const { day, source, symbols, bars, pairs, models, signals, decisions, orders, certificate, seconds } = record
  const approvals = decisions.filter(({ verdict }) => verdict === 'approved').length
  return {
    day,
    source,
    symbols,
    bars,
    pairs: { ...pairs, shortlisted: record.shortlist.length },
    models: {
      trained: models.length,
      promoted: models.filter(({ isPromoted }) => isPromoted).length,
      f1: spreadOf(models.map(({ f1 }) => f1)),
      auc: spreadOf(models.map(({ auc }) => auc)),
    },
    signals: signals.length,
    approvals,
    refusals: decisions.length - approvals,
    orders: {
      // An order that the broker never had was not submitted; what it refused was.
      submitted: orders.filter(({ state }) => state.kind !== 'intended').length,
      filled: orders.filter(({ state }) => state.kind === 'filled').length,
      rejected: orders.filter(({ state }) => state.kind === 'rejected').length,
    },
    pnlUsd: pnlOf(record.profit),
    certificate,
    seconds,
    signalsByKind: countByKind(signals),
    leftOut: Math.max(0, record.shortlist.length - models.length),
    stoppedBy: orders.some(({ state }) => filledSharesOf(state) > 0) ? {} : gatesOf(record),
  }
}

function pnlOf({ gross, costs, net }: Profit): DayReport['pnlUsd'] {
  const usd = (money: MicroUsd): number => usdFrom(money)
  return { gross: usd(gross), costs: usd(costs), net: usd(net) }
}

function spreadOf(values: readonly (number | undefined)[]): Spread {
  const known = values.filter((value) => value !== undefined)
  if (known.length === 0) return { mean: null, best: null }
  return { mean: known.reduce((sum, value) => sum + value, 0) / known.length, best: Math.max(...known) }
}

function countByKind(signals: readonly Signal[]): Record<SignalKind, number> {
  const counts = { 'enter-long': 0, 'enter-short': 0, exit: 0, hold: 0, 'stand-aside': 0 }
  for (const { kind } of signals) counts[kind]++
  return counts
}

function gatesOf(record: DayRecord): DayReport['stoppedBy'] {
  return Object.fromEntries(record.shortlist.map((pair) => [pair, gateOf(record, pair)]))
}

function gateOf({ signals, decisions, orders }: DayRecord, name: PairName): string {
  const isOfPair = ({ pair }: { readonly pair: Pair }): boolean => nameOf(pair) === name
  const sent = orders.filter(isOfPair)
  const rejected = sent.flatMap(({ state }) => (state.kind === 'rejected' ? [`The broker refused: ${state.reason}`] : []))
  if (sent.length > 0) return rejected.at(0) ?? 'Its orders did not fill'
  const refused = decisions.find(({ pair, verdict }) => pair === name && verdict === 'refused')
  return refused?.sentence ?? hindranceAmong(signals.filter(isOfPair))
}

/** What the signal that came nearest to an entry gave as its reason. */
function hindranceAmong(signals: readonly Signal[]): string {
  const distance = ({ z }: Signal): number => Math.abs(z ?? 0)
  const nearest = signals.reduce<Signal | undefined>(
    (best, signal) => (best && distance(best) >= distance(signal) ? best : signal),
    undefined,
  )
  return nearest === undefined ? 'No model was trained for it' : (nearest.reasons.at(0) ?? nearest.kind)
}
