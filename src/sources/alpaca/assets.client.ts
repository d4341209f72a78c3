import { trading } from '@alpacahq/alpaca-trade-api'
import { z } from 'zod'
import type { BrokerUnavailable } from '#domain/broker.ts'
import { sessionDateFrom } from '#domain/calendar.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { symbolFrom } from '#domain/symbol.ts'
import type { ExchangeDay, ExchangeDirectory, ListedAsset } from './assets.ts'
import type { AlpacaKeys } from './endpoints.ts'
import { unavailableFrom } from './failures.client.ts'
import { type Governed, governedClient } from './governed.client.ts'
import { governedOnWallTime } from './governed-on-wall-time.client.ts'
import { decoded } from './wire.ts'

/** The list of every share takes longer than an order. */
const REQUEST_MS = 30_000

/** Instruments whose tickers are not written like ours are left out: nobody can ask for one. */
const assetsWire: z.ZodType<readonly ListedAsset[]> = z
  .array(
    z.object({
      id: z.string().min(1),
      symbol: z.string(),
      name: z.string(),
      status: z.enum(['active', 'inactive']),
      tradable: z.boolean(),
      shortable: z.boolean(),
    }),
  )
  .transform((assets) =>
    assets.flatMap(({ symbol: text, status, tradable, shortable, ...asset }) => {
      const symbol = symbolFrom(text)
      const flags = { isActive: status === 'active', isTradable: tradable, isShortable: shortable }
      return symbol === undefined ? [] : [{ ...asset, symbol, ...flags }]
    }),
  )

const time = z.string().regex(/^\d{2}:\d{2}$/, 'expected a time, HH:MM')

const calendarWire: z.ZodType<readonly ExchangeDay[]> = z.array(
  z.object({ date: z.date(), open: time, close: time }).transform(({ date, open, close }, context) => {
    const day = Number.isNaN(date.getTime()) ? undefined : sessionDateFrom(date.toISOString().slice(0, 10))
    if (day !== undefined) return { date: day, opens: open, closes: close }
    context.addIssue({ code: 'custom', message: 'expected a date' })
    return z.NEVER
  }),
)

/**
 * What an Alpaca account's exchange lists and when it trades. Connects to nothing before it is asked. Requests go through
 * `governed`; without it only answers tell a limit.
 */
export function exchangeDirectory({
  tradingUrl,
  keyId,
  secret,
  governed = governedOnWallTime(undefined),
}: AlpacaKeys & { readonly tradingUrl: string; readonly governed?: Governed }): ExchangeDirectory {
  const { fetchApi, inTurn } = governedClient(governed, 'directory')
  const configuration = new trading.Configuration({ keyId, secret, fetchApi, timeoutMs: REQUEST_MS, basePath: tradingUrl })
  const assets = new trading.AssetsApi(configuration)
  const calendar = new trading.CalendarApi(configuration)
  const listed = (status: string) =>
    answered(() => inTurn(() => assets.getV2Assets({ status, assetClass: 'us_equity' })), assetsWire, 'assets')
  return {
    assets: async ({ symbols, ids }) => {
      const [active, inactive] = [await listed('active'), await listed('inactive')]
      if (!active.ok) return active
      if (!inactive.ok) return inactive
      return ok([...active.value, ...inactive.value].filter(({ id, symbol }) => symbols.has(symbol) || ids.has(id)))
    },
    calendar: (from, through) =>
      answered(
        () => inTurn(() => calendar.legacyCalendar({ start: new Date(from), end: new Date(through) })),
        calendarWire,
        'its calendar',
      ),
  }
}

async function answered<T>(
  ask: () => Promise<unknown>,
  schema: z.ZodType<T>,
  what: string,
): Promise<Outcome<T, BrokerUnavailable>> {
  try {
    return ok(decoded(schema, await ask(), what))
  } catch (error) {
    return refuse(unavailableFrom(error, what))
  }
}
