/** What the desk answers about data that cannot be believed and the sources it comes from, as schemas and types; units as in views.ts. */
import { z } from 'zod'

const Instant = z.number().describe('epoch ms')
const Day = z.string().describe('YYYY-MM-DD')
const Close = z.number().nullable().describe('US dollars per share; null without a close')

export const QuarantineEntryView = z.object({
  id: z.string(),
  symbol: z.string(),
  feed: z.string().describe('whose bars are held back'),
  otherFeed: z.string(),
  rule: z.enum([
    'half-applied-split',
    'invented-split',
    'spike',
    'levels-differ',
    'stale-day',
    'shifted-days',
    'empty-day',
    'unconfirmed-jump',
    'minute-jump',
    'minute-spike',
  ]),
  sentence: z.string().describe('what was found, for the person who decides'),
  from: Day,
  through: Day,
  sessions: z.number().int(),
  factor: z.number().nullable().describe('own close over what it should be by the other feed'),
  newPerOld: z.number().nullable().describe('new shares for an old one, when the factor is that of a split'),
  days: z
    .array(z.object({ date: Day, own: Close, other: Close, isHeld: z.boolean() }))
    .describe('the first and last sessions held back, and three neighbours on either side'),
  state: z.enum(['held', 'accepted', 'rejected', 'withdrawn']),
  foundAt: Instant,
  changedAt: Instant,
})

export const SourceView = z.object({
  source: z.string(),
  answeredAt: Instant.nullable().describe('null when it never answered'),
  unavailableUntil: Instant.nullable().describe('it is not asked again before; null while it answers'),
  cause: z.string().nullable().describe('of the last failure, while nothing has been answered since'),
})

export const QuarantineView = z.object({
  entries: z.array(QuarantineEntryView).describe('those that wait for a decision first, then the last changed'),
  sources: z.array(SourceView).describe('every source that was ever asked'),
  servedAt: Instant,
})

export const QuarantineDetailView = z.object({
  entry: QuarantineEntryView,
  audit: z
    .array(
      z.object({
        at: Instant,
        by: z.string(),
        action: z.enum(['held', 'accepted', 'rejected', 'withdrawn']),
        note: z.string(),
      }),
    )
    .describe('oldest first'),
})

export type QuarantineEntryView = z.infer<typeof QuarantineEntryView>
export type SourceView = z.infer<typeof SourceView>
export type QuarantineView = z.infer<typeof QuarantineView>
export type QuarantineDetailView = z.infer<typeof QuarantineDetailView>
