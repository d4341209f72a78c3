import type { DayReport } from './day-report.ts'

/** A day of a rehearsal with what its book alone knows. */
export type RehearsedDay = DayReport & {
  /** Bars of the day that are stored; a different number was replayed when the stream lost some. */
  readonly barsStored: number
  /** When nothing was shortlisted: how many pairs each gate of the screen stopped. */
  readonly stoppedAtScreen: Readonly<Record<string, number>>
}

/** What a rehearsal reports: its day, or its days summed up under the first one's name, with each of them. */
export type BookReport = RehearsedDay & { readonly days?: readonly Omit<RehearsedDay, 'seconds'>[] }

/** The report of a book. `certificate` is over all its days, and so are `seconds`. Throws RangeError for no days. */
export function bookReport(days: readonly RehearsedDay[], certificate: string, seconds: DayReport['seconds']): BookReport {
  const [first, ...others] = days
  if (first === undefined) throw new RangeError('a rehearsal has one day at least')
  if (others.length === 0) return { ...first, certificate, seconds }
  const total = others.reduce(sumOfTwo, first)
  return { ...total, certificate, seconds, days: days.map(({ seconds: _, ...day }) => day) }
}

function sumOfTwo(a: RehearsedDay, b: RehearsedDay): RehearsedDay {
  const didTrade = [a, b].some(({ orders }) => orders.filled > 0)
  return {
    ...a,
    symbols: Math.max(a.symbols, b.symbols),
    bars: added(a.bars, b.bars),
    barsStored: a.barsStored + b.barsStored,
    pairs: added(a.pairs, b.pairs),
    models: modelsOfTwo(a.models, b.models),
    signals: a.signals + b.signals,
    approvals: a.approvals + b.approvals,
    refusals: a.refusals + b.refusals,
    orders: added(a.orders, b.orders),
    pnlUsd: centsOf(added(a.pnlUsd, b.pnlUsd)),
    signalsByKind: added(a.signalsByKind, b.signalsByKind),
    leftOut: a.leftOut + b.leftOut,
    stoppedBy: didTrade ? {} : { ...a.stoppedBy, ...b.stoppedBy },
    stoppedAtScreen: added(a.stoppedAtScreen, b.stoppedAtScreen),
  }
}

function modelsOfTwo(a: DayReport['models'], b: DayReport['models']): DayReport['models'] {
  const spread = (score: 'f1' | 'auc') => ({
    mean: weightedMean([a[score].mean, a.trained], [b[score].mean, b.trained]),
    best: [a[score].best, b[score].best].reduce((x, y) => (x === null ? y : y === null ? x : Math.max(x, y))),
  })
  return { trained: a.trained + b.trained, promoted: a.promoted + b.promoted, f1: spread('f1'), auc: spread('auc') }
}

function weightedMean(...means: readonly (readonly [number | null, number])[]): number | null {
  const known = means.flatMap(([mean, weight]) => (mean === null ? [] : [{ mean, weight }]))
  const weight = known.reduce((sum, one) => sum + one.weight, 0)
  return weight === 0 ? null : known.reduce((sum, one) => sum + one.mean * one.weight, 0) / weight
}

function added<Key extends string>(a: Readonly<Record<Key, number>>, b: Readonly<Record<Key, number>>): Record<Key, number> {
  const sums: Record<string, number> = { ...a }
  for (const [key, value] of Object.entries<number>(b)) sums[key] = (sums[key] ?? 0) + value
  return sums as Record<Key, number>
}

/** To the cent. Net and gross are rounded and the costs are their difference, so that gross − costs = net holds as printed. */
export function centsOf({ gross, net }: DayReport['pnlUsd']): DayReport['pnlUsd'] {
  const [grossCents, netCents] = [wholeCents(gross), wholeCents(net)]
  return { gross: grossCents / 100, costs: (grossCents - netCents) / 100, net: netCents / 100 }
}

/** Adding 0 makes 0 of −0. */
function wholeCents(usd: number): number {
  return Math.round(usd * 100) + 0
}
