import type { Feed } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import { bookFrom, kindOf } from '#domain/book.ts'
import type { PairName } from '#domain/pair.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Settings } from '#settings/schema.ts'

/** The settings that decide what a rehearsal does. They travel with its run, so that it ends under the rules it began with. */
export type TradingRules = Pick<Settings, 'pairs' | 'model' | 'train' | 'promotion' | 'signals' | 'risk' | 'exchange'>

/** Everything that a rehearsal depends on besides the stored bars. */
export type RehearsalParameters = {
  readonly book: Book
  readonly days: readonly SessionDate[]
  readonly symbols: readonly Symbol_[]
  /** Sectors that were asked for; empty for the whole universe. */
  readonly sectors: readonly string[]
  readonly feed: Feed
  readonly speed: number | 'max'
  readonly seed: number
  readonly rules: TradingRules
}

/** One day of a book: what the flows of that day are started with. */
export type DayParameters = RehearsalParameters & { readonly day: SessionDate }

export type TrainParameters = {
  readonly day: DayParameters
  readonly screenId: string
  readonly pair: PairName
  /** Most epochs for this pair: its share of the day's budget. */
  readonly maximumEpochs: number
}

/** Run ids are business facts: the same day of the same book is never begun twice. Of a rehearsal's or a backtest's book. */
export function rehearsalRunId(book: Book): string {
  return `${kindOf(book) === 'backtest' ? 'backtest' : 'rehearse'}-${idOf(book)}`
}

/** Books of backtests are numbered; those that other flows keep for themselves have the name of their run. */
const NUMBERED = /^b\d+$/

/** The run that tells how far the work of a book's day has come. An account's book has one for each day. */
export function tellingRunId({ book, day }: Pick<DayParameters, 'book' | 'day'>): string {
  if (isOfAccount(book)) return `start-of-day-${day}`
  return kindOf(book) === 'backtest' && !NUMBERED.test(idOf(book)) ? idOf(book) : rehearsalRunId(book)
}

/** Whether the book is one of a check of the recycler, of which nothing is kept once it was found the same. */
export function isOfCheck(book: Book): boolean {
  return kindOf(book) === 'backtest' && idOf(book).startsWith('recycler-check-')
}

/** Whether what is decided in the book is decided for an account at a broker. */
export function isOfAccount(book: Book): boolean {
  return kindOf(book) === 'paper' || kindOf(book) === 'live'
}

export function dayRunId(kind: 'start-of-day' | 'trading-session', { book, day }: DayParameters): string {
  return `${kind}-${idOf(book)}-${day}`
}

/** Without the name of its book for the paper account's. */
export function trainRunId({
  day,
  pair,
}: Pick<TrainParameters, 'pair'> & { readonly day: Pick<DayParameters, 'book' | 'day'> }): string {
  return ['train', ...(kindOf(day.book) === 'paper' ? [] : [idOf(day.book)]), pair, day.day].join('-')
}

/** The book whose rehearsal or backtest a run id names, or undefined for another flow's run. */
export function bookOfRun(runId: string): Book | undefined {
  const [, flow, id] = /^(rehearse|backtest)-(.+)$/.exec(runId) ?? []
  return id === undefined ? undefined : bookFrom(`${flow === 'backtest' ? 'backtest' : 'rehearsal'}:${id}`)
}

function idOf(book: Book): string {
  return book.split(':').at(-1) ?? book
}

export function dayOf(parameters: RehearsalParameters, day: SessionDate): DayParameters {
  return { ...parameters, day }
}
