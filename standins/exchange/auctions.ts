import type { Session } from '#domain/sessions.ts'
import { type EpochMs, epochMs, isoFrom, MINUTE_MS } from '#domain/units.ts'
import { type CountedBar, DERIVED, type Print, printsOf } from './derived-ticks.ts'
import { EXCHANGE_CODE } from './market-json.ts'

/** The auctions of one session as far as they have been held: none, the opening one, or both. */
export type DayAuctions = { readonly session: Session; readonly opening: Print; readonly closing: Print | undefined }

/**
 * The auctions that the minutes of one symbol stand for: the opening one is the first print of the session's first minute, the
 * closing one the last print of its last minute. Minutes without volume held none.
 */
export function auctionsOf(minutes: readonly CountedBar[], sessions: readonly Session[], now: EpochMs): DayAuctions[] {
  return sessions.flatMap((session) => {
    const own = minutes.filter(({ openedAt }) => openedAt >= session.opensAt && openedAt < session.closesAt)
    const prints = own.flatMap((bar) => printsOf(bar))
    const [opening, last] = [prints.at(0), prints.at(-1)]
    if (opening === undefined) return []
    const isOver = session.closesAt <= now && (last?.at ?? 0) >= session.closesAt - MINUTE_MS
    return { session, opening, closing: isOver && last !== undefined ? { ...last, at: epochMs(session.closesAt) } : undefined }
  })
}

/** A day of auctions as the data API writes it. */
export function auctionsJson({ session, opening, closing }: DayAuctions): object {
  const row = (print: Print, condition: string) => ({
    c: condition,
    p: print.price,
    s: print.sizeShares,
    t: isoFrom(print.at),
    x: EXCHANGE_CODE,
    [DERIVED]: true,
  })
  return { d: session.date, o: [row(opening, 'Q')], c: closing === undefined ? [] : [row(closing, 'M')] }
}
