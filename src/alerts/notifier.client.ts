import type pg from 'pg'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { passing, type Timer } from '#sources/alpaca/timer.ts'
import type { Channel } from './channel.ts'
import { type Claim, claimParcel, holdDeliveries, planDeliveries, type Settlement, settleParcel } from './deliveries.store.ts'
import { type Routes, waitAfter } from './delivery.ts'
import { messageOf } from './message.ts'
import { quietUntil } from './quiet-hours.ts'
import { speakOnce } from './speak-once.ts'

export type NotifierOptions = {
  readonly sql: pg.Pool
  readonly channels: readonly Channel[]
  readonly routes: Routes
  readonly timer: Timer
  /** Told in a sentence what stops the notifier itself; what a channel says of a message stands with its delivery. */
  readonly onTrouble: (sentence: string) => void
}

export type Notifier = {
  /** Ends what is being sent, which the next process tries again, and resolves when nothing of the notifier runs any more. */
  readonly close: () => Promise<void>
}

/** How often alerts are looked for. */
const LOOK_EVERY_MS = 1_000
/** A process that has not settled what it took is taken for dead after so long: longer than any channel's timeout. */
const LEASE_MS = 180_000

/**
 * Tells people of alerts, in this process among others on the same database: each delivery is made once and sent by one of them.
 * Every channel has its own pace, so one that hangs holds up no other; no connection to the database is held while a channel
 * is waited for, and nobody who raises an alert waits for any of this.
 */
export function openNotifier(options: NotifierOptions): Notifier {
  const { channels, timer, onTrouble } = options
  const ending = new AbortController()
  const trouble = speakOnce(onTrouble, 'Alerts are not told')
  const loops = [
    keepOn(timer, ending.signal, () => trouble(planned(options))),
    ...channels.map((channel) => keepOn(timer, ending.signal, () => trouble(emptied(options, channel, ending.signal)))),
  ]
  return {
    close: async () => {
      ending.abort()
      await Promise.all(loops)
    },
  }
}

async function keepOn(timer: Timer, signal: AbortSignal, look: () => Promise<void>): Promise<void> {
  for (; !signal.aborted; await passing(timer, LOOK_EVERY_MS, signal)) await look()
}

async function planned({ sql, channels, routes, timer }: NotifierOptions): Promise<void> {
  const least = Object.fromEntries(channels.map(({ name }) => [name, routes.least[name]]))
  await planDeliveries(sql, timer.now(), { least, repeatAfterMs: routes.repeatAfterMs })
}

/** Sends what is due on one channel until nothing is. */
async function emptied(options: NotifierOptions, channel: Channel, signal: AbortSignal): Promise<void> {
  const { sql, routes, timer } = options
  while (!signal.aborted) {
    const now = timer.now()
    const quiet = quietUntil(now, routes.quietHours)
    if (quiet !== undefined) await holdDeliveries(sql, now, quiet)
    const terms = { now, isQuiet: quiet !== undefined, leaseMs: LEASE_MS, mostAMinute: routes.mostAMinute }
    const claim = await claimParcel(sql, channel.name, terms)
    if (claim === undefined) return
    const settlement = await sent(claim, { channel, signal, routes, timer })
    await settleParcel(sql, claim, settlement, timer.now())
  }
}

type Sending = { readonly channel: Channel; readonly signal: AbortSignal; readonly routes: Routes; readonly timer: Timer }

async function sent(claim: Claim, { channel, signal, routes, timer }: Sending): Promise<Settlement> {
  // A message that ends every process that sends it is given up like any other.
  if (claim.attempts > routes.attempts)
    return { kind: 'failed', error: 'The processes that tried to send it ended before it was answered.' }
  const outcome = await channel.send(messageOf(claim), signal)
  if (outcome.ok) return { kind: 'sent' }
  const { why } = outcome
  if (signal.aborted) return { kind: 'again', at: timer.now(), error: why.cause }
  if (why.kind === 'refused') return { kind: 'failed', error: why.cause }
  if (claim.attempts >= routes.attempts) return { kind: 'failed', error: `${why.cause} It was tried ${claim.attempts} times.` }
  return { kind: 'again', at: retryAt(claim, timer.now(), { retryMs: routes.retryMs, askedMs: why.askedMs }), error: why.cause }
}

function retryAt(claim: Claim, now: EpochMs, wait: { readonly retryMs: number; readonly askedMs: number }): EpochMs {
  return epochMs(now + waitAfter(claim, wait))
}
