import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { z } from 'zod'
import { coverageView, symbolMinutes } from '#desk/coverage.store.ts'
import { sectorViews, symbolHistory, symbolViews } from '#desk/listings.store.ts'
import { sessionDateFrom, sessionOn } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import { type Symbol_, tickerFrom } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { forgetSectorSwitches, switchSectors } from '#market/sectors.store.ts'
import { setSymbolsActive, symbolRecords } from '#market/symbol-records.store.ts'
import { CoverageView, SectorView, SymbolEventView, SymbolMinutesView, SymbolView } from './contract.ts'

const CoverageQuery = z.object({
  feed: z.string().optional().describe('the one with the newest session when left out'),
  sessions: z.coerce.number().int().min(1).max(60).default(12),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
const Switches = z.object({
  switches: z.record(z.string(), z.boolean()).describe('sectors by name: whether they are traded'),
})
const BY = 'page'

/** What is stored and what of it may be traded: coverage, symbols with their history, sectors with their switches. */
export function marketRoutes({
  pool,
  activeSectors,
}: {
  readonly pool: pg.Pool
  /** Those that the configuration names; empty: all. */
  readonly activeSectors: readonly string[]
}): FastifyPluginCallbackZod {
  const now = () => epochMs(Date.now())
  const sectors = () => sectorViews(pool, { activeSectors, at: now() })
  return (app, _options, done) => {
    app.get(
      '/market/coverage',
      {
        schema: {
          summary: 'How whole the stored 1-minute bars are, by symbol and session',
          querystring: CoverageQuery,
          response: { 200: CoverageView },
        },
      },
      ({ query }) => coverageView(pool, { ...query, feed: query.feed }),
    )

    app.get(
      '/market/coverage/:symbol/:day',
      {
        schema: {
          summary: "What became of every minute of a symbol's session",
          params: z.object({ symbol: z.string(), day: z.string() }),
          querystring: z.object({ feed: z.string() }),
          response: { 200: SymbolMinutesView },
        },
      },
      ({ params, query }) =>
        symbolMinutes(pool, { feed: query.feed, symbol: tickerFrom(params.symbol), session: sessionFrom(params.day) }),
    )

    app.get('/symbols', { schema: { summary: 'Every symbol, ascending', response: { 200: z.array(SymbolView) } } }, () =>
      symbolViews(pool, { activeSectors, at: now() }),
    )

    app.get(
      '/symbols/events',
      {
        schema: {
          summary: 'What happened to symbols, newest first',
          querystring: z.object({ symbol: z.string().optional(), limit: z.coerce.number().int().min(1).max(500).default(50) }),
          response: { 200: z.array(SymbolEventView) },
        },
      },
      ({ query: { symbol, limit } }) =>
        symbolHistory(pool, { symbol: symbol === undefined ? undefined : tickerFrom(symbol), limit }),
    )

    app.post(
      '/symbols/:symbol',
      {
        schema: {
          summary: 'Put a symbol into the active set or take it out',
          params: z.object({ symbol: z.string() }),
          body: z.object({ isActive: z.boolean() }),
          response: { 204: z.null() },
        },
      },
      async ({ params, body }, reply) => {
        const symbol = await knownSymbol(pool, params.symbol)
        await setSymbolsActive(pool, [symbol], { ...body, by: BY, at: now() })
        return reply.code(204).send(null)
      },
    )

    app.get('/sectors', { schema: { summary: 'Every sector, by name', response: { 200: z.array(SectorView) } } }, sectors)

    app.post(
      '/sectors',
      { schema: { summary: 'Switch sectors on or off', body: Switches, response: { 200: z.array(SectorView) } } },
      async ({ body: { switches } }) => {
        const known = new Set((await sectors()).map(({ sector }) => sector))
        const unknown = Object.keys(switches).find((sector) => !known.has(sector))
        if (unknown !== undefined)
          throw wrongRequest('SECTOR_UNKNOWN', `There is no sector '${unknown}'; there are ${[...known].join(', ')}.`)
        await switchSectors(pool, new Map(Object.entries(switches)), { by: BY })
        return sectors()
      },
    )

    app.post(
      '/sectors/reset',
      { schema: { summary: 'Give every sector back to the configuration', response: { 200: z.array(SectorView) } } },
      async () => {
        await forgetSectorSwitches(pool)
        return sectors()
      },
    )
    done()
  }
}

function sessionFrom(day: string) {
  const date = sessionDateFrom(day)
  const session = date === undefined ? undefined : sessionOn(date)
  if (session === undefined)
    throw wrongRequest('DAY_CLOSED', `The New York Stock Exchange has no session on '${day}'; name a trading day, YYYY-MM-DD.`)
  return session
}

async function knownSymbol(pool: pg.Pool, text: string): Promise<Symbol_> {
  const symbol = tickerFrom(text)
  if ((await symbolRecords(pool)).some((record) => record.symbol === symbol)) return symbol
  throw wrongRequest('SYMBOL_UNKNOWN', `There is no symbol ${symbol}; add it first (spreadworks symbols add ${symbol}).`)
}
