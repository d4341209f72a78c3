import type { RehearsalReport } from './rehearsal-text.ts'

/** Keys in the order in which reports are documented; what is not among them follows in the report's own order. */
const ORDER = {
  day: {},
  source: {},
  symbols: {},
  bars: { replayed: {}, missing: {} },
  pairs: { tested: {}, correlated: {}, cointegrated: {}, shortlisted: {} },
  models: { trained: {}, promoted: {}, f1: { mean: {}, best: {} }, auc: { mean: {}, best: {} } },
  signals: {},
  approvals: {},
  refusals: {},
  orders: { submitted: {}, filled: {}, rejected: {} },
  pnlUsd: { gross: {}, costs: {}, net: {} },
  certificate: {},
  seconds: { load: {}, screen: {}, train: {}, session: {}, total: {} },
}

type Order = { readonly [key: string]: Order }

/** The report as one line of JSON. A report that was stored has lost the order of its keys, so it is given one here. */
export function rehearsalJson(report: RehearsalReport): string {
  const days = report.days === undefined ? {} : { days: report.days.map((day) => inOrder(day, ORDER)) }
  return `${JSON.stringify(inOrder({ ...report, ...days }, ORDER))}\n`
}

function inOrder(value: object, order: Order): object {
  const known = Object.keys(order).filter((key) => key in value)
  const others = Object.keys(value).filter((key) => !(key in order))
  const fields = new Map<string, unknown>(Object.entries(value))
  return Object.fromEntries([...known, ...others].map((key) => [key, ordered(fields.get(key), order[key])]))
}

function ordered(value: unknown, order: Order | undefined): unknown {
  return order !== undefined && typeof value === 'object' && value !== null ? inOrder(value, order) : value
}
