import type { Book } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'

/** What a run can leave behind. */
export type ResultKind =
  | 'preparation'
  | 'screen'
  | 'model'
  | 'backtest'
  | 'certificate'
  | 'report'
  | 'backup'
  | 'readiness'
  | 'finding'

/** Something that a run left behind: `reference` is its own key, such as a screen's id, a book, a certificate's hash or a day. */
export type FlowResult = {
  readonly kind: ResultKind
  readonly reference: string
  readonly book: Book | undefined
  readonly day: SessionDate | undefined
  /** Its figures, as JSON. */
  readonly detail: object
}

/** One that is kept, and when it came. */
export type StoredResult = FlowResult & { readonly at: EpochMs }
