import type pg from 'pg'
import type { BarTable } from '#domain/bars.ts'
import type { BrokerUnavailable } from '#domain/broker.ts'
import { dateInNewYork, sessionsBetween } from '#domain/calendar.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import type { Asker, BarHistory, BarsCursor, BarsQuestion } from '#sources/alpaca/history.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { markAnswered, markPresent } from './bar-ledger.store.ts'
import { type Saved, type SaveTerms, saveBarTable } from './bar-table.store.ts'
import { symbolLedgers } from './ledger-views.store.ts'
import { openingsOf, sessionMarks } from './session-marks.ts'

/** Whoever answers for recorded bars, page by page. */
export type HistorySource = Pick<BarHistory, 'feed' | 'page'> & {
  /** Given when an answer without a bar of a minute does not say that nothing traded then. */
  readonly silence?: 'unknown'
}

export type LoadDependencies = { readonly pool: pg.Pool; readonly source: HistorySource; readonly timer: Timer }

/** How bars are stored and noted that were asked for. `repair`: they had been missed, and many of the others are there. */
export type LoadPurpose = 'history' | 'repair'

/** What may be stored of a source that can adjust: bars as they traded. What a feed adjusts by itself, `adjustmentOf` says. */
export type StoredQuestion = BarsQuestion & { readonly adjustment: 'raw' }

/** Which question, in whose turn at the source, and what for. Given up, it throws the reason of its signal at once. */
export type Load = Asker & { readonly question: StoredQuestion; readonly purpose: LoadPurpose }

/** The most symbols that one question may name. */
export const SYMBOLS_IN_A_QUESTION = 500
/** A minute that closed so recently may still get a bar: that a source has none does not mean that nothing traded. */
const SETTLED_MS = MINUTE_MS

/**
 * Asks for one page, stores it and notes in the ledger what came; answers how many bars it had and the cursor of the next,
 * undefined after the last.
 * A step of a flow: done twice it changes nothing, and another process may go on from the cursor. After the last page, minutes
 * of the question that closed a minute ago and have no bar count as without trade, where the source's silence says so.
 * `question` names at most 500 symbols.
 */
export async function loadPage(
  dependencies: LoadDependencies,
  load: Load,
  cursor: BarsCursor | undefined,
): Promise<Outcome<Saved & { readonly bars: number; readonly next: BarsCursor | undefined }, BrokerUnavailable>> {
  const askedAt = dependencies.timer.now()
  const answer = await dependencies.source.page(load.question, cursor, load)
  if (!answer.ok) return answer
  const saved = await keepPage(dependencies, load, { table: answer.value.table, askedAt })
  if (answer.value.next === undefined) await noteAnswered(dependencies, load, askedAt)
  return ok({ ...saved, bars: answer.value.table.openedAt.length, next: answer.value.next })
}

/**
 * Loads every page of a question of any number of symbols, the next page being asked for while the one before is stored.
 * `onPage` is told how many bars a page had. Stops at the first refusal; what was stored until then stays.
 */
export async function loadBars(
  dependencies: LoadDependencies,
  { question, ...load }: Load,
  onPage: (bars: number) => void = () => {},
): Promise<Outcome<Saved, BrokerUnavailable>> {
  let total: Saved = { new: 0, revised: 0 }
  for (let at = 0; at < question.symbols.length; at += SYMBOLS_IN_A_QUESTION) {
    const part = { ...load, question: { ...question, symbols: question.symbols.slice(at, at + SYMBOLS_IN_A_QUESTION) } }
    const loaded = await loadQuestion(dependencies, part, onPage)
    if (!loaded.ok) return loaded
    total = sum(total, loaded.value)
  }
  return ok(total)
}

async function loadQuestion(
  dependencies: LoadDependencies,
  load: Load,
  onPage: (bars: number) => void,
): Promise<Outcome<Saved, BrokerUnavailable>> {
  const { source, timer } = dependencies
  const firstAskedAt = timer.now()
  let total: Saved = { new: 0, revised: 0 }
  let storing: Promise<Saved> = Promise.resolve(total)
  let cursor: BarsCursor | undefined
  do {
    const askedAt = timer.now()
    const answer = await source.page(load.question, cursor, load).catch(async (cause: unknown) => {
      await storing
      throw cause
    })
    total = sum(total, await storing)
    if (!answer.ok) return refuse(answer.why)
    const { table, next } = answer.value
    storing = keepPage(dependencies, load, { table, askedAt })
    // Awaited in the next round; without this a failure in between would count as unhandled.
    storing.catch(() => undefined)
    onPage(table.openedAt.length)
    cursor = next
  } while (cursor)
  total = sum(total, await storing)
  await noteAnswered(dependencies, load, firstAskedAt)
  return ok(total)
}

async function keepPage(
  { pool, source }: LoadDependencies,
  { question, purpose }: Load,
  { table, askedAt }: { readonly table: BarTable; readonly askedAt: EpochMs },
): Promise<Saved> {
  const { timeframe } = question
  const overlap: SaveTerms['overlap'] = purpose === 'repair' ? 'likely' : 'unlikely'
  const terms = { feed: source.feed, timeframe, receivedAt: askedAt, stored: 'replace', overlap } as const
  const saved = await saveBarTable(pool, table, terms)
  if (timeframe !== '1m') return saved
  const rows = [...openingsOf(table)]
  for (const session of sessionsOf(question)) {
    const noted = sessionMarks(session, [])
    noted.note(rows.filter(({ openedAt }) => session.opensAt <= openedAt && openedAt < session.closesAt))
    const marks = noted.marks().map((mark) => (purpose === 'repair' ? { ...mark, repaired: mark.present } : mark))
    await markPresent(pool, { feed: source.feed, session }, { marks, due: judgedUntil(question, askedAt) })
  }
  return saved
}

async function noteAnswered({ pool, source }: LoadDependencies, load: Load, askedAt: EpochMs): Promise<void> {
  const { question } = load
  if (question.timeframe !== '1m' || source.silence === 'unknown') return
  const until = judgedUntil(question, askedAt)
  for (const { session, symbols } of await vouchedFor({ pool, source }, load))
    await markAnswered(pool, { feed: source.feed, session }, { symbols, from: question.from, until })
}

/**
 * For which symbols and sessions a source's answer counts. What is repaired was expected; but a source that has no bar at all
 * of a symbol, or of a session, may not know it: an unknown ticker is not one that nobody traded.
 */
async function vouchedFor({ pool, source }: Pick<LoadDependencies, 'pool' | 'source'>, { question, purpose }: Load) {
  const sessions = sessionsOf(question)
  const [first, last] = [sessions.at(0), sessions.at(-1)]
  if (purpose === 'repair' || first === undefined || last === undefined)
    return sessions.map((session) => ({ session, symbols: question.symbols }))
  const range = { from: first.date, through: last.date, symbols: question.symbols }
  const told = (await symbolLedgers(pool, { feed: source.feed, ...range })).filter(({ present }) => present > 0)
  const [known, days] = [new Set(told.map(({ symbol }) => symbol)), new Set(told.map(({ day }) => day))]
  const symbols = question.symbols.filter((symbol) => known.has(symbol))
  return sessions.filter(({ date }) => days.has(date)).map((session) => ({ session, symbols }))
}

function judgedUntil({ until }: BarsQuestion, askedAt: EpochMs): EpochMs {
  return epochMs(Math.min(until, askedAt - SETTLED_MS - MINUTE_MS))
}

function sessionsOf({ from, until }: BarsQuestion): Session[] {
  return sessionsBetween(dateInNewYork(from), dateInNewYork(epochMs(until - 1))).filter(
    ({ opensAt, closesAt }) => opensAt < until && from < closesAt,
  )
}

function sum(a: Saved, b: Saved): Saved {
  return { new: a.new + b.new, revised: a.revised + b.revised }
}

/** The question for 1-minute bars as they traded. */
export function minutesQuestion(symbols: readonly Symbol_[], from: EpochMs, until: EpochMs): StoredQuestion {
  return { symbols, timeframe: '1m', from, until, adjustment: 'raw' }
}
