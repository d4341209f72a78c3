/** What the desk answers about stored data and what may be traded, as schemas and types; units as in views.ts. */
import { z } from 'zod'

const Instant = z.number().describe('epoch ms')
const Day = z.string().describe('YYYY-MM-DD')
const Minutes = z.number().int().nonnegative()

export const ListingStatusView = z.enum(['listed', 'halted', 'not-tradable', 'delisted', 'renamed'])

export const SymbolView = z.object({
  symbol: z.string(),
  name: z.string(),
  sector: z.string().nullable(),
  isActive: z.boolean().describe('a person wants it traded'),
  isSimulated: z.boolean(),
  status: ListingStatusView,
  statusSince: Instant.nullable(),
  isShortable: z.boolean().nullable().describe('null while no broker has told'),
  renamedTo: z.string().nullable(),
  checkedAt: Instant.nullable().describe('when maintenance last looked; null before'),
  keptOut: z
    .enum(['inactive', 'sector-inactive', 'halted', 'not-tradable', 'delisted', 'renamed'])
    .nullable()
    .describe('why it takes no new entry; null when it does'),
})

export const SymbolEventView = z.object({
  symbol: z.string(),
  at: Instant,
  what: z.string(),
  evidence: z.string().describe('a sentence'),
  by: z.string(),
})

export const SectorView = z.object({
  sector: z.string(),
  isActive: z.boolean(),
  symbols: z.number().int(),
  tradable: z.number().int().describe('symbols of it that take new entries'),
  decidedBy: z.string().describe('configuration, or whoever switched it'),
})

export const CoverageSession = z.object({
  day: Day,
  isHalfDay: z.boolean(),
  isProjected: z.boolean().describe('the exchange has not published yet whether it trades'),
  minutes: Minutes,
})

/** One symbol's session. `present` includes `repaired`; `due` minutes have been judged, and of those each is present, without trade or missing. */
export const CoverageCell = z.object({
  due: Minutes,
  present: Minutes,
  repaired: Minutes,
  noTrade: Minutes,
  missing: Minutes,
})

export const CoverageRow = z.object({
  symbol: z.string(),
  missing: Minutes.describe('of all sessions shown'),
  cells: z.array(CoverageCell.nullable()).describe('one for each session; null where nothing is known'),
})

export const CoverageView = z.object({
  feed: z.string().nullable().describe('null while no 1-minute bars are stored'),
  feeds: z.array(z.string()).describe('feeds of which 1-minute bars are stored'),
  sessions: z.array(CoverageSession).describe('ascending'),
  symbols: z.number().int().describe('of the feed in these sessions'),
  rows: z.array(CoverageRow).describe('those that miss most first, then by symbol'),
})

export const MinuteRun = z.object({
  from: Instant,
  until: Instant,
  state: z.enum(['present', 'repaired', 'no-trade', 'missing', 'not-due', 'not-judged']),
  cause: z.string().nullable(),
})

export const SymbolMinutesView = z.object({
  symbol: z.string(),
  feed: z.string(),
  session: CoverageSession.extend({ opensAt: Instant, closesAt: Instant }),
  runs: z.array(MinuteRun).describe('every minute of the session, in order'),
})

export type SymbolView = z.infer<typeof SymbolView>
export type SymbolEventView = z.infer<typeof SymbolEventView>
export type SectorView = z.infer<typeof SectorView>
export type CoverageSession = z.infer<typeof CoverageSession>
export type CoverageCell = z.infer<typeof CoverageCell>
export type CoverageRow = z.infer<typeof CoverageRow>
export type CoverageView = z.infer<typeof CoverageView>
export type MinuteRun = z.infer<typeof MinuteRun>
export type SymbolMinutesView = z.infer<typeof SymbolMinutesView>
