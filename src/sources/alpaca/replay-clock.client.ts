import { Agent, request } from 'node:http'
import { z } from 'zod'
import type { Clock } from '#domain/clock.ts'
import { Fault } from '#domain/fault.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { Deliveries } from './deliveries.client.ts'

/** How long what the exchange says it has sent may take to be dealt with here, and how often it is asked anew meanwhile. */
const DELIVERY_MS = 10_000
const LOOK_AGAIN_MS = 500

const shown = z.object({ now: z.number() })
const woken = shown.extend({ delivered: z.object({ bars: z.number(), tradeUpdates: z.number() }) })

export type ReplayClock = Clock & {
  /** Lets the exchange go on without this consumer; a sleep that is under way is rejected. */
  readonly close: () => Promise<void>
}

/**
 * The clock of an exchange that replays, registered as `consumer`: from then on the exchange waits for it at full speed.
 * `sleepUntil` resolves when the handlers of the streams behind `received` have dealt with everything up to that instant.
 * All of it throws REPLAY_CLOCK_UNREACHABLE when the exchange does not answer or is closed; sleepUntil throws
 * REPLAY_DELIVERY_MISSING when something it was sent does not arrive within ten seconds.
 */
export async function replayClock(options: {
  readonly url: string
  readonly consumer: string
  readonly received: Pick<Deliveries, 'whenReceived'>
}): Promise<ReplayClock> {
  const { url, consumer, received } = options
  // A sleep lasts as long as the replayed market takes, so it goes over plain HTTP without the time limits of fetch.
  const agent = new Agent({ keepAlive: true })
  const call = <T>(question: Question<T>) => ask(question, { url, agent })
  await call({ method: 'POST', path: '/sandbox/clock/consumers', body: { consumer }, answer: shown })
  const sleep = (until: EpochMs) =>
    call({ method: 'POST', path: '/sandbox/clock/sleep', body: { consumer, until }, answer: woken })
  return {
    now: async () => epochMs((await call({ method: 'GET', path: '/sandbox/clock', answer: shown })).now),
    sleepUntil: async (until) => {
      // When a connection breaks, what the exchange had counted over it no longer counts: so it is asked again.
      for (let leftMs = DELIVERY_MS; ; leftMs -= LOOK_AGAIN_MS) {
        const { now, delivered } = await sleep(until)
        const delivery = await received.whenReceived(delivered, LOOK_AGAIN_MS)
        if (delivery.ok) return epochMs(now)
        if (delivery.why.kind === 'ended' || leftMs <= LOOK_AGAIN_MS) throw missing(epochMs(now), delivered, delivery.why.got)
      }
    },
    close: async () => {
      try {
        await call({ method: 'DELETE', path: `/sandbox/clock/consumers/${encodeURIComponent(consumer)}`, answer: shown })
      } finally {
        agent.destroy()
      }
    },
  }
}

type Question<T> = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: object
  readonly answer: z.ZodType<T>
}

function ask<T>(
  { method, path, body, answer }: Question<T>,
  { url, agent }: { readonly url: string; readonly agent: Agent },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (cause: string) => reject(unreachable(url, cause))
    const headers = body ? { 'content-type': 'application/json' } : {}
    const sent = request(new URL(path, url), { method, agent, headers }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('error', (cause) => fail(cause.message))
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const parsed = answer.safeParse(reply.statusCode === 200 ? JSON.parse(text) : undefined)
        if (parsed.success) resolve(parsed.data)
        else fail(`HTTP ${reply.statusCode}: ${text.slice(0, 200)}`)
      })
    })
    sent.on('error', (cause) => fail(cause.message))
    sent.end(body ? JSON.stringify(body) : undefined)
  })
}

function unreachable(url: string, cause: string): Fault {
  return new Fault(
    'REPLAY_CLOCK_UNREACHABLE',
    `The replaying exchange at ${url} does not tell its time (${cause}); it was closed or is not an exchange stand-in: start the rehearsal again.`,
  )
}

function missing(now: EpochMs, sent: object, got: object): Fault {
  return new Fault(
    'REPLAY_DELIVERY_MISSING',
    `By ${new Date(now).toISOString()} the exchange had sent ${JSON.stringify(sent)}, but ${JSON.stringify(got)} arrived within 10 s; start the rehearsal again.`,
  )
}
