import type { Feed } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import { bookFrom } from '#domain/book.ts'
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

/** Run ids are business facts: the same day of the same book is never begun twice. */
export function rehearsalRunId(book: Book): string {
  return `rehearse-${idOf(book)}`
}

export function dayRunId(kind: 'start-of-day' | 'trading-session', { book, day }: DayParameters): string {
  return `${kind}-${idOf(book)}-${day}`
}

export function trainRunId({ day, pair }: TrainParameters): string {
  return `train-${idOf(day.book)}-${pair}-${day.day}`
}

/** The book whose rehearsal a run id names, or undefined for another flow's run. */
export function bookOfRun(runId: string): Book | undefined {
  const [, id] = /^rehearse-(.+)$/.exec(runId) ?? []
  return id === undefined ? undefined : bookFrom(`rehearsal:${id}`)
}

function idOf(book: Book): string {
  return book.split(':').at(-1) ?? book
}

export function dayOf(parameters: RehearsalParameters, day: SessionDate): DayParameters {
  return { ...parameters, day }
}
