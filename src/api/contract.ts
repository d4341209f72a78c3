/**
 * What the API says and takes. The web app imports its types from here and nothing else of the server.
 * Instants are epoch ms, money is decimal text in US dollars, fractions lie in [0, 1].
 */
import { z } from 'zod'
import { FlowRun } from '#desk/flow-views.ts'
import {
  AlertView,
  BookView,
  EquityPoint,
  Figures,
  OrderView,
  PositionView,
  SessionView,
  SignalView,
  TapeView,
  TickSummary,
} from '#desk/views.ts'

export * from '#desk/alert-views.ts'
export * from '#desk/flow-views.ts'
export * from '#desk/market-views.ts'
export * from '#desk/quarantine-views.ts'
export * from '#desk/views.ts'

export const HomeView = z.object({
  book: BookView.nullable().describe('null before the first book'),
  sessions: z.array(SessionView).describe("around the book's clock, ascending"),
  alerts: z.array(AlertView).describe('critical and not acknowledged, newest first, at most 3'),
  tape: TapeView.nullable().describe("null before the book's clock runs"),
  figures: Figures.nullable(),
  equity: z.array(EquityPoint),
  positions: z.array(PositionView),
  signals: z.array(SignalView),
  lastTick: TickSummary.nullable(),
  orders: z.array(OrderView),
  flows: z.array(FlowRun),
  eventId: z.string().describe('events after this one are news to who holds this view'),
  servedAt: z.number().describe('epoch ms, wall time'),
})

export const PortfolioView = z.object({
  book: BookView.nullable(),
  figures: Figures.nullable(),
  positions: z.array(PositionView),
})

export const SettingRow = z.object({ section: z.string(), key: z.string(), value: z.string() })

/** What the event stream sends; rows replace those of the same id. */
export const StreamEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('beat'), at: z.number() }),
  z.object({ kind: z.literal('resync') }).describe('too much was missed: ask for the view again'),
  z.object({ kind: z.literal('book'), book: BookView, sessions: z.array(SessionView) }),
  z.object({ kind: z.literal('first-sight'), book: z.string().nullable() }).describe('the book shown when none is asked for'),
  z.object({ kind: z.literal('alerts'), rows: z.array(AlertView) }).describe('all that are open'),
  z.object({ kind: z.literal('tape'), tape: TapeView.nullable() }),
  z.object({ kind: z.literal('figures'), figures: Figures }),
  z.object({ kind: z.literal('equity'), points: z.array(EquityPoint) }),
  z.object({ kind: z.literal('positions'), rows: z.array(PositionView) }).describe('all that are held'),
  z.object({ kind: z.literal('signals'), rows: z.array(SignalView), lastTick: TickSummary.nullable() }),
  z.object({ kind: z.literal('orders'), rows: z.array(OrderView) }),
  z.object({ kind: z.literal('flows'), rows: z.array(FlowRun) }).describe('all that are listed'),
  z.object({ kind: z.literal('changed'), what: z.enum(['models', 'screens', 'data']) }),
])

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
})

export type HomeView = z.infer<typeof HomeView>
export type PortfolioView = z.infer<typeof PortfolioView>
export type SettingRow = z.infer<typeof SettingRow>
export type StreamEvent = z.infer<typeof StreamEvent>
export type Problem = z.infer<typeof Problem>
