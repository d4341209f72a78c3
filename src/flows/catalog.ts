import type { FlowName, QueueName } from './flow-names.ts'

/** What happens to occurrences of a schedule at which no process ran: none is made up for, the last, or each. */
export type MissedRunPolicy = 'skip' | 'last' | 'all'

/** A run of the same day that has to come first: to any end, or to its success. */
export type Dependency = { readonly flow: FlowName; readonly until: 'ended' | 'succeeded' }

/** What is known of a flow without running it. */
export type FlowFacts = {
  /** What it does, as one sentence in the present. */
  readonly does: string
  readonly owner: 'data' | 'research' | 'trading' | 'house'
  readonly tags: readonly string[]
  readonly queue: QueueName
  /** The lower goes first in its queue. */
  readonly priority: number
  /** A run that takes longer is cancelled. */
  readonly timeoutMs: number
  /** Raised whenever the order of its steps changes: a run of another revision cannot go on, and is begun anew. */
  readonly revision: number
  readonly missed: MissedRunPolicy
  readonly after: readonly Dependency[]
  /** Without an account at a broker it is not scheduled. */
  readonly needsAccount: boolean
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Every flow. When those run that happen by themselves is said by the settings `schedules`. */
export const CATALOG: Readonly<Record<FlowName, FlowFacts>> = {
  'start-of-day': {
    does: 'Makes the day ready for its open: loads history, checks it, finds pairs, trains and promotes their models.',
    ...{ owner: 'research', tags: ['day'], queue: 'flows', priority: 10, timeoutMs: 6 * HOUR, revision: 1 },
    ...{ missed: 'last', after: [], needsAccount: true },
  },
  'market-stream': {
    does: 'Collects the session’s 1-minute bars as they come.',
    ...{ owner: 'data', tags: ['day', 'bars'], queue: 'flows', priority: 1, timeoutMs: 9 * HOUR, revision: 1 },
    ...{ missed: 'last', after: [{ flow: 'start-of-day', until: 'ended' }], needsAccount: true },
  },
  signals: {
    does: 'Makes the signals of one instant, asks risk, and sends what it approved.',
    ...{ owner: 'trading', tags: ['trading'], queue: 'trading', priority: 1, timeoutMs: 10 * MINUTE, revision: 1 },
    ...{ missed: 'skip', after: [{ flow: 'start-of-day', until: 'ended' }], needsAccount: true },
  },
  hourly: {
    does: 'Loads news, repairs the day’s missing minutes, and looks at exposure and correlation.',
    ...{ owner: 'data', tags: ['news', 'bars'], queue: 'flows', priority: 20, timeoutMs: HOUR, revision: 1 },
    ...{ missed: 'last', after: [], needsAccount: false },
  },
  'end-of-day': {
    does: 'Looks after symbols and the calendar, loads companies and daily bars, compares closes, reports on the day.',
    ...{ owner: 'data', tags: ['day', 'symbols', 'bars'], queue: 'flows', priority: 20, timeoutMs: 6 * HOUR, revision: 1 },
    ...{ missed: 'all', after: [], needsAccount: false },
  },
  'load-history': {
    does: 'Loads recorded bars from the first source that has them.',
    ...{ owner: 'data', tags: ['bars'], queue: 'data', priority: 20, timeoutMs: 12 * HOUR, revision: 1 },
    ...{ missed: 'skip', after: [], needsAccount: false },
  },
  'load-companies': {
    does: 'Loads profiles, officers, statistics and last prices of the symbols.',
    ...{ owner: 'data', tags: ['companies'], queue: 'data', priority: 40, timeoutMs: 6 * HOUR, revision: 1 },
    ...{ missed: 'skip', after: [], needsAccount: false },
  },
  'load-news': {
    does: 'Loads what has been written about the symbols.',
    ...{ owner: 'data', tags: ['news'], queue: 'data', priority: 30, timeoutMs: HOUR, revision: 1 },
    ...{ missed: 'skip', after: [], needsAccount: false },
  },
  'maintain-symbols': {
    does: 'Marks symbols that were delisted, renamed, halted or can no longer be traded or sold short.',
    ...{ owner: 'data', tags: ['symbols'], queue: 'data', priority: 20, timeoutMs: HOUR, revision: 1 },
    ...{ missed: 'skip', after: [], needsAccount: false },
  },
  preprocess: {
    does: 'Aligns and checks the bars that the day’s screen reads.',
    ...{ owner: 'research', tags: ['pairs'], queue: 'flows', priority: 20, timeoutMs: 2 * HOUR, revision: 1 },
    ...{ missed: 'skip', after: [], needsAccount: false },
  },
  'identify-pairs': {
    does: 'Screens every pair of the universe for correlation and cointegration.',
    ...{ owner: 'research', tags: ['pairs'], queue: 'flows', priority: 20, timeoutMs: 2 * HOUR, revision: 1 },
    ...{ missed: 'skip', after: [], needsAccount: false },
  },
  train: {
    does: 'Fits, scores and registers one pair’s model.',
    ...{ owner: 'research', tags: ['models'], queue: 'train', priority: 20, timeoutMs: 4 * HOUR, revision: 1 },
    ...{ missed: 'skip', after: [], needsAccount: false },
  },
  backtest: {
    does: 'Trades recorded days in a book of their own, as fast as the machine can.',
    ...{ owner: 'research', tags: ['backtest'], queue: 'flows', priority: 30, timeoutMs: 24 * HOUR, revision: 1 },
    ...{ missed: 'skip', after: [], needsAccount: false },
  },
  'recycler-check': {
    does: 'Rehearses the last session and names where its certificate differs from the day’s.',
    ...{ owner: 'research', tags: ['day', 'backtest'], queue: 'flows', priority: 30, timeoutMs: 4 * HOUR, revision: 1 },
    ...{ missed: 'last', after: [], needsAccount: false },
  },
  backup: {
    does: 'Copies every table, restores the copy beside it, and compares.',
    ...{ owner: 'house', tags: ['backup'], queue: 'house', priority: 20, timeoutMs: 6 * HOUR, revision: 1 },
    ...{ missed: 'last', after: [], needsAccount: false },
  },
  housekeeping: {
    does: 'Removes runs, their logs and their checkpoints that are older than they are kept.',
    ...{ owner: 'house', tags: ['retention'], queue: 'house', priority: 30, timeoutMs: 6 * HOUR, revision: 1 },
    ...{ missed: 'last', after: [], needsAccount: false },
  },
  rehearse: {
    does: 'Trades recorded days end to end, in a book of their own.',
    ...{ owner: 'research', tags: ['rehearsal'], queue: 'flows', priority: 5, timeoutMs: 7 * 24 * HOUR, revision: 1 },
    ...{ missed: 'skip', after: [], needsAccount: false },
  },
  'trading-session': {
    does: 'Trades one session of a rehearsal, tick by tick.',
    ...{ owner: 'trading', tags: ['rehearsal'], queue: 'flows', priority: 5, timeoutMs: 7 * 24 * HOUR, revision: 1 },
    ...{ missed: 'skip', after: [], needsAccount: false },
  },
}
