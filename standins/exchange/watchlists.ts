import { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { Exchange } from './exchange.ts'
import { uuidFrom } from './ids.ts'
import { listingOf } from './orders-api.ts'
import { malformed, type Refusal, refusal } from './refusal.ts'
import { assetJson } from './trading-json.ts'

/** Named lists of symbols; nothing else reads them. */
export type Watchlist = {
  readonly id: string
  readonly name: string
  readonly symbols: readonly Symbol_[]
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

/** How a request names a watchlist. */
export type WatchlistKey = { readonly kind: 'id' | 'name'; readonly value: string | undefined }

export type Watchlists = {
  readonly all: () => readonly Watchlist[]
  readonly find: (key: WatchlistKey) => Outcome<Watchlist, Refusal>
  readonly create: (body: unknown) => Outcome<Watchlist, Refusal>
  readonly rewrite: (key: WatchlistKey, body: unknown) => Outcome<Watchlist, Refusal>
  readonly add: (key: WatchlistKey, body: unknown) => Outcome<Watchlist, Refusal>
  readonly take: (key: WatchlistKey, symbol: string) => Outcome<Watchlist, Refusal>
  readonly remove: (key: WatchlistKey) => Outcome<undefined, Refusal>
}

const Body = z.object({ name: z.string().min(1).max(64), symbols: z.array(z.string()).nullish() })
const Changed = Body.partial()
const Added = z.object({ symbol: z.string() })

export function createWatchlists(exchange: Exchange): Watchlists {
  const lists = new Map<string, Watchlist>()
  let created = 0
  const keep = (list: Watchlist) => {
    lists.set(list.id, list)
    return ok(list)
  }
  const isTaken = (name: string, id: string) => [...lists.values()].some((list) => list.name === name && list.id !== id)
  const find: Watchlists['find'] = ({ kind, value }) => {
    const found = [...lists.values()].find((list) => list[kind] === value)
    return found ? ok(found) : refuse(refusal(404, `watchlist not found for ${value}`))
  }
  const put = (list: Watchlist, { name, symbols }: { readonly name: string; readonly symbols: readonly string[] }) => {
    if (isTaken(name, list.id)) return refuse(refusal(422, 'watchlist name must be unique'))
    const known = symbolsOf(exchange, symbols)
    return known.ok ? keep({ ...list, name, symbols: known.value, updatedAt: exchange.clock.now() }) : known
  }
  return {
    all: () => [...lists.values()],
    find,
    create: (body) => {
      const parsed = Body.safeParse(body)
      if (!parsed.success) return refuse(malformed('name is required, 1 to 64 characters; symbols must be a list'))
      const now = exchange.clock.now()
      const id = uuidFrom('watchlist', exchange.accountId, created++)
      const empty: Watchlist = { id, name: '', symbols: [], createdAt: now, updatedAt: now }
      return put(empty, { name: parsed.data.name, symbols: parsed.data.symbols ?? [] })
    },
    rewrite: (key, body) => {
      const [found, parsed] = [find(key), Changed.safeParse(body)]
      if (!found.ok) return found
      if (!parsed.success) return refuse(malformed('name must have 1 to 64 characters; symbols must be a list'))
      const { name = found.value.name, symbols } = parsed.data
      return put(found.value, { name, symbols: symbols ?? found.value.symbols })
    },
    add: (key, body) => {
      const [found, parsed] = [find(key), Added.safeParse(body)]
      if (!found.ok) return found
      if (!parsed.success) return refuse(malformed('symbol is required'))
      return put(found.value, { name: found.value.name, symbols: [...found.value.symbols, parsed.data.symbol] })
    },
    take: (key, symbol) => {
      const found = find(key)
      if (!found.ok) return found
      const { name, symbols } = found.value
      const left = symbols.filter((listed) => listed !== symbol)
      return left.length === symbols.length
        ? refuse(refusal(404, `asset not found for ${symbol}`))
        : put(found.value, { name, symbols: left })
    },
    remove: (key) => {
      const found = find(key)
      if (!found.ok) return found
      lists.delete(found.value.id)
      return ok(undefined)
    },
  }
}

/** Each once, in the order given; a list holds listed symbols alone. */
function symbolsOf(exchange: Exchange, texts: readonly string[]): Outcome<readonly Symbol_[], Refusal> {
  const symbols = new Set<Symbol_>()
  for (const text of texts) {
    const listing = listingOf(exchange, text)
    if (!listing) return refuse(refusal(422, `asset "${text}" not found`))
    symbols.add(listing.symbol)
  }
  return ok([...symbols])
}

/** A watchlist; a list of watchlists leaves the assets out. */
export function watchlistJson({ accountId, listings, conditions }: Exchange, list: Watchlist, withAssets: boolean): object {
  const assets = list.symbols.flatMap((symbol) => {
    const listing = listings.get(symbol)
    return listing ? assetJson(listing, conditions.of(symbol)) : []
  })
  return {
    id: list.id,
    account_id: accountId,
    name: list.name,
    created_at: isoFrom(list.createdAt),
    updated_at: isoFrom(list.updatedAt),
    ...(withAssets ? { assets } : {}),
  }
}
