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
 * What is done to a session's stream and history until shortly before its end: the connection breaks at a fraction `breaks` of
 * the frames, three of ten attempts to come back are refused, one of five questions is not answered, and five times the stream
 * says nothing for one to four whole minutes.
 */
export function disturbances(
  { opensAt, closesAt }: Session,
  { seed, breaks, random }: { readonly seed: number; readonly breaks: number; readonly random: RandomStream },
): object[] {
  const until = closesAt - QUIET_END_MINUTES * MINUTE_MS
  const mute = Array.from({ length: 5 }, () => {
    const from = epochMs(opensAt + (5 + random.below((until - opensAt) / MINUTE_MS - 10)) * MINUTE_MS)
    return { kind: 'mute-stream', from, until: from + (1 + random.below(4)) * MINUTE_MS }
  })
  return [
    ...mute,
    { kind: 'drop-connection', fraction: breaks, seed, until },
    { kind: 'refuse-connections', fraction: 0.3, seed, until },
    { kind: 'server-error', path: '/v2/stocks', status: 503, fraction: 0.2, seed, until },
  ]
}
