import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type EpochMs, epochMs, instantFrom } from '#domain/units.ts'
import { answer } from './answer.route.ts'
import { ClockClosed, type ReplayClock } from './clock.ts'
import { malformed, type Refusal } from './refusal.ts'
import { wordsOf } from './wrong-form.ts'

const Consumer = z.object({ consumer: z.string().min(1) })
const Sleep = Consumer.extend({ until: z.union([z.number(), z.iso.datetime({ offset: true })]) })
const SpeedBody = z.object({ speed: z.union([z.literal('max'), z.number().positive()]) })

export type DeliveryCounts = () => { readonly bars: number; readonly tradeUpdates: number }

/** What Alpaca has not: the replayed clock. Paths under `/sandbox` need no keys. */
export function serveSandbox(app: FastifyInstance, clock: ReplayClock, delivered: DeliveryCounts): void {
  const shown = () => ({ now: clock.now(), speed: clock.speed(), state: clock.state(), consumers: clock.consumers() })

  app.get('/sandbox/clock', (_, reply) => reply.send(shown()))
  app.post('/sandbox/clock/start', (_, reply) => {
    clock.start()
    return reply.send(shown())
  })
  app.post('/sandbox/clock/speed', ({ body }, reply) =>
    answer(reply, decode(SpeedBody, body), ({ speed }) => {
      clock.setSpeed(speed)
      return shown()
    }),
  )
  app.post('/sandbox/clock/consumers', ({ body }, reply) =>
    answer(reply, decode(Consumer, body), ({ consumer }) => {
      clock.register(consumer)
      return shown()
    }),
  )
  app.delete<{ Params: { consumer: string } }>('/sandbox/clock/consumers/:consumer', ({ params }, reply) => {
    clock.forget(params.consumer)
    return reply.send(shown())
  })
  app.post('/sandbox/clock/sleep', async ({ body }, reply) => {
    const asked = decode(Sleep, body)
    if (!asked.ok) return answer(reply, asked, () => undefined)
    const gone = new AbortController()
    reply.raw.on('close', () => gone.abort())
    const { consumer, until } = asked.value
    try {
      const now = await clock.sleep(consumer, instantOf(until), gone.signal)
      return reply.send({ now, delivered: delivered() })
    } catch (cause) {
      if (!(cause instanceof ClockClosed)) throw cause
      return reply.code(503).send({ code: 50_310_000, message: cause.message })
    }
  })
}

function instantOf(until: number | string): EpochMs {
  return typeof until === 'number' ? epochMs(until) : instantFrom(until)
}

function decode<T>(schema: z.ZodType<T>, body: unknown): Outcome<T, Refusal> {
  const parsed = schema.safeParse(body)
  return parsed.success ? ok(parsed.data) : refuse(malformed(wordsOf(parsed.error)))
}
