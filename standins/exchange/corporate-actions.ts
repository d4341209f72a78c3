import { z } from 'zod'
import { dateInNewYork } from '#domain/calendar.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { bySymbol } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { pageEndFrom, symbolsFrom, tokenOf, wrongQuery } from './data-query.ts'
import { uuidFrom } from './ids.ts'
import { type Refusal, refusal } from './refusal.ts'

const date = z.iso.date()
const ticker = z.string().min(1)
const rate = z.number().positive()

/**
 * What a company did to its shares; it holds from `exDate` on, and the exchange tells nobody earlier. Splits give `newRate`
 * shares for `oldRate`; a cash dividend pays `rate` USD a share; a spin-off gives `newRate` shares of another symbol for
 * `sourceRate`.
 */
export const CorporateAction = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('split'), symbol: ticker, exDate: date, newRate: rate, oldRate: rate }),
  z.object({ kind: z.literal('cash-dividend'), symbol: ticker, exDate: date, rate, special: z.boolean() }),
  z.object({ kind: z.literal('spin-off'), symbol: ticker, exDate: date, newSymbol: ticker, newRate: rate, sourceRate: rate }),
  z.object({ kind: z.literal('name-change'), symbol: ticker, exDate: date, newSymbol: ticker }),
])
export type CorporateAction = z.output<typeof CorporateAction>

/** Alpaca's lists of actions, each with the word by which it is asked for. */
const LISTS = [
  { type: 'forward_split', list: 'forward_splits' },
  { type: 'reverse_split', list: 'reverse_splits' },
  { type: 'cash_dividend', list: 'cash_dividends' },
  { type: 'spin_off', list: 'spin_offs' },
  { type: 'name_change', list: 'name_changes' },
] as const
type List = (typeof LISTS)[number]['list']
/** Types of Alpaca's that are asked for and of which there is never one here. */
const OTHER_TYPES = [
  'unit_split',
  'stock_dividend',
  'cash_merger',
  'stock_merger',
  'stock_and_cash_merger',
  'redemption',
  'worthless_removal',
  'rights_distribution',
] as const

const Query = z.object({
  symbols: z.string().optional(),
  cusips: z.string().optional(),
  types: z.string().optional(),
  ids: z.string().optional(),
  start: z.string().optional(),
  end: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  sort: z.enum(['asc', 'desc']).default('asc'),
  page_token: z.string().optional(),
})

type Told = { readonly id: string; readonly list: List; readonly action: CorporateAction; readonly json: object }

/** The answer to `/v1/corporate-actions` at `now`: without dates, the current day in New York. */
export function corporateActionsAnswer(
  actions: readonly CorporateAction[],
  query: unknown,
  now: EpochMs,
): Outcome<object, Refusal> {
  const parsed = Query.safeParse(query)
  if (!parsed.success) return refuse(wrongQuery(parsed.error))
  const filter = filterFrom(parsed.data, now)
  if (!filter.ok) return filter
  const { limit, sort, page_token: token } = parsed.data
  const after = token === undefined ? undefined : pageEndFrom(token)
  if (token !== undefined && !after) return refuse(refusal(400, 'invalid page_token'))
  const ascending = actions.map(told).filter(filter.value).sort(byDateThenSymbol)
  const found = sort === 'desc' ? ascending.reverse() : ascending
  const begin = after?.key ?? 0
  const page = found.slice(begin, begin + limit)
  const lists = Object.fromEntries(
    LISTS.map(({ list }) => [list, page.filter((one) => one.list === list).map(({ json }) => json)] as const).filter(
      ([, rows]) => rows.length > 0,
    ),
  )
  const isLast = begin + page.length >= found.length
  return ok({ corporate_actions: lists, next_page_token: isLast ? null : tokenOf({ symbol: '', key: begin + page.length }) })
}

type Asked = z.output<typeof Query>

function filterFrom(asked: Asked, now: EpochMs): Outcome<(one: Told) => boolean, Refusal> {
  const today = dateInNewYork(now)
  const isKnown = ({ action }: Told) => hasTakenEffect(action, now)
  if (asked.ids !== undefined) {
    const ids = asked.ids.split(',')
    return ok((one) => isKnown(one) && ids.includes(one.id))
  }
  const symbols = asked.symbols === undefined ? undefined : symbolsFrom(asked.symbols)
  if (symbols && !symbols.ok) return symbols
  const types = asked.types?.split(',')
  const wrong = types?.find((type) => ![...LISTS.map((list) => list.type), ...OTHER_TYPES].some((known) => known === type))
  if (wrong !== undefined) return refuse(refusal(400, `invalid type: ${wrong}`))
  const [start, end] = [(asked.start ?? today).slice(0, 10), (asked.end ?? today).slice(0, 10)]
  if (!date.safeParse(start).success || !date.safeParse(end).success)
    return refuse(refusal(400, 'start and end must be YYYY-MM-DD'))
  const isOfType = (one: Told) =>
    types === undefined || types.some((type) => LISTS.find((list) => list.type === type)?.list === one.list)
  const isOfSymbol = ({ action }: Told) => symbols === undefined || symbols.value.some((symbol) => symbol === action.symbol)
  // Nothing here has a CUSIP of the real world, so nobody can ask by one.
  const isOfCusip = () => asked.cusips === undefined
  return ok(
    (one) =>
      isKnown(one) && isOfType(one) && isOfSymbol(one) && isOfCusip() && start <= one.action.exDate && one.action.exDate <= end,
  )
}

function byDateThenSymbol(a: Told, b: Told): number {
  return bySymbol(a.action.exDate, b.action.exDate) || bySymbol(a.action.symbol, b.action.symbol)
}

/** Nine characters like a CUSIP's, which belong to no security: they begin with a letter that none does. */
function cusipOf(symbol: string): string {
  return `Z${uuidFrom('cusip', symbol).replace(/-/g, '').slice(0, 8).toUpperCase()}`
}

function told(action: CorporateAction): Told {
  const id = uuidFrom('corporate-action', action.kind, action.symbol, action.exDate)
  const dates = { process_date: action.exDate, ex_date: action.exDate }
  const own = { id, symbol: action.symbol, cusip: cusipOf(action.symbol), ...dates }
  switch (action.kind) {
    case 'split':
      return splitTold(action, { id, own, dates })
    case 'cash-dividend':
      return {
        id,
        action,
        list: 'cash_dividends',
        json: { ...own, rate: action.rate, special: action.special, foreign: false },
      }
    case 'spin-off':
      return { id, action, list: 'spin_offs', json: { id, ...spinOffJson(action), ...dates } }
    case 'name-change':
      return {
        id,
        action,
        list: 'name_changes',
        json: { id, process_date: action.exDate, ...renamed(action.symbol, action.newSymbol) },
      }
    default:
      return action satisfies never
  }
}

type Split = Extract<CorporateAction, { readonly kind: 'split' }>

function splitTold(action: Split, { id, own, dates }: { id: string; own: object; dates: object }): Told {
  const rates = { new_rate: action.newRate, old_rate: action.oldRate }
  if (action.newRate >= action.oldRate) return { id, action, list: 'forward_splits', json: { ...own, ...rates } }
  const cusips = { old_cusip: cusipOf(action.symbol), new_cusip: cusipOf(`${action.symbol} ${action.exDate}`) }
  return { id, action, list: 'reverse_splits', json: { id, symbol: action.symbol, ...cusips, ...rates, ...dates } }
}

function spinOffJson(action: Extract<CorporateAction, { readonly kind: 'spin-off' }>): object {
  return {
    source_symbol: action.symbol,
    source_cusip: cusipOf(action.symbol),
    source_rate: action.sourceRate,
    new_symbol: action.newSymbol,
    new_cusip: cusipOf(action.newSymbol),
    new_rate: action.newRate,
  }
}

function renamed(before: string, now: string): object {
  return { old_symbol: before, old_cusip: cusipOf(before), new_symbol: now, new_cusip: cusipOf(now) }
}

/** Whether an action has taken effect for whoever looks at `now`. */
export function hasTakenEffect({ exDate }: CorporateAction, now: EpochMs): boolean {
  return exDate <= dateInNewYork(now)
}
