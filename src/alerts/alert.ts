import type { Book } from '#domain/book.ts'
import type { EpochMs } from '#domain/units.ts'

/** How much an alert matters, the least first: worth knowing, should be looked at, needs somebody now. */
const SEVERITIES = ['info', 'warning', 'critical'] as const

export type Severity = (typeof SEVERITIES)[number]

/** Ways by which people are told besides the page. */
export type ChannelName = 'slack' | 'webhook' | 'email'

/** Something that people should know, whoever raises it. */
export type NewAlert = {
  /** What it is about (`missed:end-of-day:2026-11-23`): raised again under the same key it is the same alert while it is open. */
  readonly key: string
  readonly severity: Severity
  readonly title: string
  readonly body: string
  readonly at: EpochMs
  /** Undefined: about the system, not about a book. */
  readonly book?: Book
  readonly flow?: string
  readonly runId?: string
}

/** An alert as it is kept. */
export type Alert = NewAlert & {
  readonly id: string
  /** How often it was raised, the first time included. */
  readonly times: number
  readonly lastAt: EpochMs
  /** When it was over; undefined while it is open. */
  readonly resolvedAt: EpochMs | undefined
}

/** The one that matters most; info of none. */
export function gravest(severities: readonly Severity[]): Severity {
  return SEVERITIES.findLast((severity) => severities.includes(severity)) ?? 'info'
}
