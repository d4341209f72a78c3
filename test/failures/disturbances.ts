import type { RandomStream } from '#domain/random.ts'
import type { Session } from '#domain/sessions.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'

/** Corrections come with the next minute: of a session's last ones no later minute tells. */
const QUIET_END_MINUTES = 10

/** Bars that come first without their last trades and are corrected a minute later; the same ones whoever listens. */
export function lateTrades({ closesAt }: Session, seed: number): object {
  return { kind: 'late-trades', fraction: 0.2, seed, until: closesAt - QUIET_END_MINUTES * MINUTE_MS }
}

/**
 * What is done to a session's stream and history: frames at which the connection breaks, refusals to come back, questions that
 * are not answered, each at random, and minutes on end in which the stream says nothing.
 */
export function disturbances({ opensAt, closesAt }: Session, seed: number, random: RandomStream): object[] {
  const until = closesAt - QUIET_END_MINUTES * MINUTE_MS
  const mute = Array.from({ length: 5 }, () => {
    const from = epochMs(opensAt + (5 + random.below((until - opensAt) / MINUTE_MS - 10)) * MINUTE_MS)
    return { kind: 'mute-stream', from, until: from + (1 + random.below(4)) * MINUTE_MS }
  })
  return [
    ...mute,
    { kind: 'drop-connection', fraction: 0.12, seed, until },
    { kind: 'refuse-connections', fraction: 0.3, seed, until },
    { kind: 'server-error', path: '/v2/stocks', status: 503, fraction: 0.2, seed, until },
  ]
}
