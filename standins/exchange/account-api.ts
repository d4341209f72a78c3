import { lastSessionClosedBy } from '#domain/calendar.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import { availableShares } from '#matching/availability.ts'
import type { Exchange } from './exchange.ts'
import { listingOf } from './orders-api.ts'
import { malformed, type Refusal, refusal } from './refusal.ts'
import { accountJson, assetJson, positionJson } from './trading-json.ts'

export function accountAnswer({ accountId, createdAt, ledger, clock }: Exchange): object {
  const balanceAsOf = lastSessionClosedBy(clock.now()).date
  return accountJson({ id: accountId, account: ledger.account(), margin: ledger.margin(), createdAt, balanceAsOf })
}

export function positionsAnswer(exchange: Exchange): readonly object[] {
  return [...exchange.ledger.account().positions.keys()].sort(bySymbol).flatMap((symbol) => positionOf(exchange, symbol) ?? [])
}

export function positionAnswer(exchange: Exchange, symbolOrId: string): Outcome<object, Refusal> {
  const listing = listingOf(exchange, symbolOrId)
  const position = listing && positionOf(exchange, listing.symbol)
  return position ? ok(position) : refuse(refusal(404, 'position does not exist'))
}

function positionOf({ ledger, listings, latest }: Exchange, symbol: Symbol_): object | undefined {
  const account = ledger.account()
  const listing = listings.get(symbol)
  const position = account.positions.get(symbol)
  if (!listing || !position) return undefined
  const before = account.lastClose.positions.get(symbol)
  return positionJson(listing, { position, before, latest, available: availableShares(account, symbol) })
}

const STATUSES: readonly string[] = ['active', 'inactive', 'all']

/** The assets that a query asks for, ascending by symbol; all active ones without `status`. None of ours has attributes. */
export function assetsAnswer(
  { listings, conditions }: Exchange,
  query: Readonly<Record<string, string | undefined>>,
): Outcome<readonly object[], Refusal> {
  const { status = 'active', asset_class: assetClass = 'us_equity', exchange, attributes = '' } = query
  if (!assetClass.split(',').includes('us_equity') || attributes !== '') return ok([])
  if (!STATUSES.includes(status)) return refuse(malformed(`status: expected one of ${STATUSES.join(', ')}`))
  const found = [...listings.values()]
    .filter((listing) => exchange === undefined || listing.exchange === exchange)
    .filter(({ symbol }) => status === 'all' || conditions.of(symbol).isActive === (status === 'active'))
    .map((listing) => assetJson(listing, conditions.of(listing.symbol)))
  return ok(found)
}

export function assetAnswer(exchange: Exchange, symbolOrId: string): Outcome<object, Refusal> {
  const listing = listingOf(exchange, symbolOrId)
  if (!listing) return refuse(refusal(404, `asset not found for ${symbolOrId}`))
  return ok(assetJson(listing, exchange.conditions.of(listing.symbol)))
}
