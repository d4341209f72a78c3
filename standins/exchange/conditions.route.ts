import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { answer } from './answer.route.ts'
import type { ConditionChange, SymbolConditions } from './conditions.ts'
import type { Exchange } from './exchange.ts'
import { listingOf } from './orders-api.ts'
import { malformed, type Refusal, refusal } from './refusal.ts'
import { wordsOf } from './wrong-form.ts'

const nullable = <T>(value: T | null): T | undefined => value ?? undefined

const Body = z.strictObject({
  active: z.boolean(),
  tradable: z.boolean(),
  halted: z.boolean(),
  shortable: z.boolean(),
  easy_to_borrow: z.boolean(),
  available_shares: z.int().min(0).nullable().transform(nullable),
  borrow_rate: z.number().min(0).nullable().transform(nullable),
  participation: z.number().gt(0).max(1).nullable().transform(nullable),
  delay_ms: z.number().min(0),
  rejection: z.string().min(1).nullable().transform(nullable),
})
const Change = Body.partial()

type ById = { Params: { id: string } }

/** What Alpaca has not: how a symbol trades may be looked at, changed and set back while the exchange runs. Needs no keys. */
export function serveConditions(app: FastifyInstance, exchange: Exchange): void {
  const { conditions } = exchange
  app.get<ById>('/sandbox/conditions/:id', ({ params }, reply) =>
    answer(reply, listed(exchange, params.id), ({ symbol }) => conditionsJson(conditions.of(symbol))),
  )
  app.post<ById>('/sandbox/conditions/:id', ({ params, body }, reply) => {
    const [listing, change] = [listed(exchange, params.id), Change.safeParse(body)]
    if (!change.success) {
      const { status, body: told } = malformed(wordsOf(change.error))
      return reply.code(status).send(told)
    }
    return answer(reply, listing, ({ symbol }) => conditionsJson(conditions.change(symbol, changeOf(change.data))))
  })
  app.delete<ById>('/sandbox/conditions/:id', ({ params }, reply) =>
    answer(reply, listed(exchange, params.id), ({ symbol }) => {
      conditions.restore(symbol)
      return conditionsJson(conditions.of(symbol))
    }),
  )
}

function listed(exchange: Exchange, symbolOrId: string): Outcome<NonNullable<ReturnType<typeof listingOf>>, Refusal> {
  const listing = listingOf(exchange, symbolOrId)
  return listing ? ok(listing) : refuse(refusal(404, `asset not found for ${symbolOrId}`))
}

function conditionsJson({ borrow, ...conditions }: SymbolConditions): object {
  return {
    active: conditions.isActive,
    tradable: conditions.isTradable,
    halted: conditions.isHalted,
    shortable: borrow.isShortable,
    easy_to_borrow: borrow.isEasy,
    available_shares: borrow.availableShares ?? null,
    borrow_rate: borrow.rate ?? null,
    participation: conditions.participation ?? null,
    delay_ms: conditions.delayMs,
    rejection: conditions.rejection ?? null,
  }
}

/** Only the keys that were sent: null takes a figure away, absence leaves it. */
function changeOf(body: z.infer<typeof Change>): ConditionChange {
  return {
    ...(body.active === undefined ? {} : { isActive: body.active }),
    ...(body.tradable === undefined ? {} : { isTradable: body.tradable }),
    ...(body.halted === undefined ? {} : { isHalted: body.halted }),
    ...('participation' in body ? { participation: body.participation } : {}),
    ...(body.delay_ms === undefined ? {} : { delayMs: body.delay_ms }),
    ...('rejection' in body ? { rejection: body.rejection } : {}),
    borrow: {
      ...(body.shortable === undefined ? {} : { isShortable: body.shortable }),
      ...(body.easy_to_borrow === undefined ? {} : { isEasy: body.easy_to_borrow }),
      ...('available_shares' in body ? { availableShares: body.available_shares } : {}),
      ...('borrow_rate' in body ? { rate: body.borrow_rate } : {}),
    },
  }
}
