import type { BookView, OrderView, PositionView, SignalView } from '../../../src/api/contract.ts'

/** `XOM–CVX`, `BRK-B–KO`: a pair as people write it. */
export function pairText(pair: string): string {
  return pair.replace(pair.includes('--') ? '--' : '-', '–')
}

export const SIGNAL_NAMES: Readonly<Record<SignalView['kind'], string>> = {
  'enter-long': 'Enter long',
  'enter-short': 'Enter short',
  exit: 'Exit',
  hold: 'Hold',
  'stand-aside': 'Stand aside',
}

export const ORDER_STATES: Readonly<Record<OrderView['state'], string>> = {
  intended: 'Intended',
  unknown: 'Unknown',
  working: 'Working',
  filled: 'Filled',
  cancelled: 'Cancelled',
  expired: 'Expired',
  rejected: 'Rejected',
}

export const POSITION_STATES: Readonly<Record<PositionView['state'], string>> = {
  opening: 'Opening',
  open: 'Open',
  closing: 'Closing',
  closed: 'Closed',
}

export const BOOK_STATES: Readonly<Record<BookView['state'], string>> = {
  preparing: 'Preparing',
  open: 'Running',
  closed: 'Ended',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

/** What the badge of a book says: `REHEARSAL 2018-03-28 · 60×`, `PAPER`, `LIVE`. */
export function modeText({ kind, day, speed }: Pick<BookView, 'kind' | 'day' | 'speed'>): string {
  if (kind === 'live' || kind === 'paper') return kind.toUpperCase()
  const pace = speed === null ? '' : ` · ${speed === 'max' ? 'max' : `${speed}×`}`
  return `${kind.toUpperCase()}${day === null ? '' : ` ${day}`}${pace}`
}

const ACRONYMS = /^(auc|f1|mae|mse|rmse|r2)$/i

/** A name from a record as a word: `half-life-out-of-range` reads `Half life out of range`. */
export function wordsOf(name: string): string {
  if (ACRONYMS.test(name)) return name.toUpperCase()
  const words = name
    .replaceAll(/[-_.]/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Reasons as running text: each ends with a full stop, once. */
export function inSentences(reasons: readonly string[]): string {
  return reasons.map((reason) => (/[.?]$/.test(reason) ? reason : `${reason}.`)).join(' ')
}
