import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { epochMs, instantFrom } from '#domain/units.ts'
import { answer } from './answer.route.ts'
import { hostOf } from './data-host.ts'
import { concerns, type FaultOf, type Faults, ScriptedFault } from './faults.ts'
import { offsetIsoOf } from './new-york.ts'
import { malformed, type Refusal, refusal } from './refusal.ts'
import { wordsOf } from './wrong-form.ts'

type ById = { Params: { id: string } }

/** `/sandbox/faults`: what is wrong with the exchange on purpose. */
export function serveFaults(app: FastifyInstance, faults: Faults): void {
  app.get('/sandbox/faults', (_, reply) => reply.send(faults.list()))
  app.post('/sandbox/faults', ({ body }, reply) =>
    answer(reply, decodeFaults(body), (given) => given.map((fault) => faults.add(fault))),
  )
  app.delete('/sandbox/faults', (_, reply) => {
    faults.clear()
    return reply.code(204).send()
  })
  app.delete<ById>('/sandbox/faults/:id', ({ params }, reply) =>
    faults.remove(Number(params.id))
      ? reply.code(204).send()
      : answer(reply, refuse(refusal(404, `no fault ${params.id}`)), () => undefined),
  )
}

function decodeFaults(body: unknown): Outcome<readonly ScriptedFault[], Refusal> {
  const parsed = z
    .array(ScriptedFault)
    .min(1)
    .safeParse(Array.isArray(body) ? body : [body])
  if (!parsed.success) return refuse(malformed(wordsOf(parsed.error)))
  return ok(parsed.data)
}

/** Lets faults strike every request but those of the sandbox: before it is answered, and on the answer's way out. */
export function hookFaults(app: FastifyInstance, faults: Faults): void {
  app.addHook('onRequest', async (request, reply) => {
    if (isSandbox(request)) return
    return limited(request, reply, faults) ?? broken(request, reply, faults)
  })
  app.addHook('preHandler', async (request, reply) => {
    if (!isSandbox(request)) return refusedOrder(request, reply, faults)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    if (isSandbox(request) || reply.statusCode >= 400) return payload
    const lost = faults.strike('lose-answer', meets(request))
    if (lost !== undefined) return lostAnswer(request, reply, lost)
    return typeof payload === 'string' ? falsified(request, payload, faults) : payload
  })
}

function isSandbox({ url }: FastifyRequest): boolean {
  return url.startsWith('/sandbox/')
}

type Meeting = { readonly host: string; readonly method?: string | undefined; readonly path: string }

function meets({ url, method }: FastifyRequest): (fault: Meeting) => boolean {
  return (fault) =>
    fault.host === hostOf(url) && (fault.method === undefined || fault.method === method) && url.startsWith(fault.path)
}

function limited(request: FastifyRequest, reply: FastifyReply, faults: Faults): FastifyReply | undefined {
  const fault = faults.strike('rate-limit', meets(request))
  if (fault === undefined) return undefined
  for (const header of ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']) reply.removeHeader(header)
  if (fault.withHeaders) {
    const reset = Math.ceil(Date.now() / 1000) + fault.retryAfterSeconds
    reply.header('retry-after', fault.retryAfterSeconds)
    reply.header('x-ratelimit-limit', 200).header('x-ratelimit-remaining', 0).header('x-ratelimit-reset', reset)
  }
  return reply.code(429).send(refusal(429, 'too many requests.').body)
}

function broken(request: FastifyRequest, reply: FastifyReply, faults: Faults): FastifyReply | undefined {
  const fault = faults.strike('server-error', meets(request))
  return fault && reply.code(fault.status).send(refusal(fault.status, 'internal server error occurred').body)
}

const OrderBody = z.object({ symbol: z.string(), side: z.enum(['buy', 'sell']).optional() })

function refusedOrder(request: FastifyRequest, reply: FastifyReply, faults: Faults): FastifyReply | undefined {
  if (request.method !== 'POST' || request.url !== '/v2/orders') return undefined
  const order = OrderBody.safeParse(request.body)
  if (!order.success) return undefined
  const { symbol, side } = order.data
  const fits = (fault: FaultOf<'refuse-order'>) => concerns(fault, symbol) && (fault.side === undefined || fault.side === side)
  const fault = faults.strike('refuse-order', fits)
  return fault && reply.code(fault.status).send(refusal(fault.status, fault.message).body)
}

/** What was asked has been done; whoever asked does not hear of it. */
function lostAnswer(request: FastifyRequest, reply: FastifyReply, { answer: how }: FaultOf<'lose-answer'>): string {
  if (how === 'cut') request.raw.socket.destroy()
  const { status, body } = refusal(504, 'upstream request timeout')
  reply.code(status).header('content-type', 'application/json; charset=utf-8').removeHeader('content-length')
  return JSON.stringify(body)
}

const Clock = z.looseObject({ timestamp: z.string() })
const Day = z.looseObject({ date: z.string(), close: z.string(), session_close: z.string() })

/** The market clock and calendar with what is wrong with them; everything else as it is. */
function falsified({ url }: FastifyRequest, payload: string, faults: Faults): string {
  const path = url.split('?', 1)[0]
  if (path === '/v2/clock') {
    const [skew] = faults.inForce('clock-skew')
    if (skew === undefined) return payload
    const clock = Clock.parse(JSON.parse(payload))
    const shown = epochMs(instantFrom(clock.timestamp) + skew.skewMs)
    return JSON.stringify({ ...clock, timestamp: offsetIsoOf(shown) })
  }
  if (path !== '/v2/calendar') return payload
  const wrong = new Set(faults.inForce('wrong-half-day').map(({ date }) => date))
  if (wrong.size === 0) return payload
  return JSON.stringify(
    z
      .array(Day)
      .parse(JSON.parse(payload))
      .map((day) => (wrong.has(day.date) ? otherClose(day) : day)),
  )
}

/** A full day as a half day, and a half day as a full one. */
function otherClose<Day extends { readonly close: string }>(day: Day): Day {
  const isHalf = day.close === '13:00'
  return { ...day, close: isHalf ? '16:00' : '13:00', session_close: isHalf ? '2000' : '1700' }
}
