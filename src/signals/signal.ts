import { createHash } from 'node:crypto'
import type { Book } from '#domain/book.ts'
import { nameOf, type Pair } from '#domain/pair.ts'
import { type EpochMs, isoFrom, type Probability } from '#domain/units.ts'

/** `stand-aside`: nothing could be decided, and the reasons say what was missing; `hold`: decided to leave all as it is. */
export type SignalKind = 'enter-long' | 'enter-short' | 'exit' | 'hold' | 'stand-aside'

/** An intent with its reasons and numbers, at an instant, for a pair of a book. */
export type Signal = {
  readonly id: string
  readonly book: Book
  readonly at: EpochMs
  readonly pair: Pair
  readonly kind: SignalKind
  readonly confidence: Probability
  readonly z: number | undefined
  readonly probability: Probability | undefined
  /** Sentences for a trader, the telling one first. */
  readonly reasons: readonly string[]
  /** What the decision saw, by name: finite numbers only, what was not known is absent. */
  readonly numbers: Readonly<Record<string, number>>
  /** The pair model's id; undefined when there was none. */
  readonly modelId: string | undefined
  readonly strategy: string
}

/** A signal that asks for a trade. */
export type ActionableSignal = Signal & { readonly kind: 'enter-long' | 'enter-short' | 'exit' }

export function isActionable(signal: Signal): signal is ActionableSignal {
  return signal.kind === 'enter-long' || signal.kind === 'enter-short' || signal.kind === 'exit'
}

/** The id of the signal for `pair` at `at` in `book`: 32 hexadecimal digits, the same whenever it is made again. */
export function signalIdOf(book: Book, at: EpochMs, pair: Pair): string {
  return createHash('sha256')
    .update(`signal\n${book}\n${isoFrom(at)}\n${nameOf(pair)}`)
    .digest('hex')
    .slice(0, 32)
}
