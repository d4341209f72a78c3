import type { Symbol_ } from '#domain/symbol.ts'
import type { Listing } from '#domain/tape.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Borrow } from '#matching/trading-rules.ts'

/** How one symbol trades at present, beside its bars. */
export type SymbolConditions = {
  /** False of one that was delisted. */
  readonly isActive: boolean
  readonly isTradable: boolean
  readonly isHalted: boolean
  readonly borrow: Borrow
  /** Most of a bar's volume that one order takes; undefined: what the fill model says. */
  readonly participation: number | undefined
  /** How long after its acceptance an order begins to look at bars. */
  readonly delayMs: number
  /** Why every order is rejected after it was accepted; undefined: none is. */
  readonly rejection: string | undefined
}

/** A stop of trading in one symbol, or in all of them (`*`), over [from, until). */
export type Halt = { readonly symbol: Symbol_ | '*'; readonly from: EpochMs; readonly until: EpochMs }

/** What may be changed of a symbol's conditions; `borrow` in parts as well. */
export type ConditionChange = Partial<Omit<SymbolConditions, 'borrow'>> & { readonly borrow?: Partial<Borrow> }

export type Conditions = {
  readonly of: (symbol: Symbol_) => SymbolConditions
  readonly change: (symbol: Symbol_, change: ConditionChange) => SymbolConditions
  /** Back to what the listing says. */
  readonly restore: (symbol: Symbol_) => void
  /** Whether nothing trades in `symbol` at any instant of [from, until). */
  readonly isHalted: (symbol: Symbol_, from: EpochMs, until: EpochMs) => boolean
}

/** Conditions as the listings tell them, until somebody changes them while the exchange runs. */
export function createConditions(listings: readonly Listing[], halts: readonly Halt[]): Conditions {
  const listed = new Map(listings.map((listing) => [listing.symbol, conditionsOf(listing)]))
  const current = new Map(listed)
  const conditions = (symbol: Symbol_) => current.get(symbol) ?? UNLISTED
  return {
    of: conditions,
    change: (symbol, { borrow, ...change }) => {
      const before = conditions(symbol)
      const after = { ...before, ...change, borrow: { ...before.borrow, ...borrow } }
      current.set(symbol, after)
      return after
    },
    restore: (symbol) => {
      const before = listed.get(symbol)
      if (before) current.set(symbol, before)
    },
    isHalted: (symbol, from, until) =>
      conditions(symbol).isHalted ||
      halts.some((h) => (h.symbol === '*' || h.symbol === symbol) && h.from < until && from < h.until),
  }
}

function conditionsOf({ shortable }: Listing): SymbolConditions {
  return {
    isActive: true,
    isTradable: true,
    isHalted: false,
    borrow: { isShortable: shortable, isEasy: shortable, availableShares: undefined, rate: undefined },
    participation: undefined,
    delayMs: 0,
    rejection: undefined,
  }
}

const UNLISTED: SymbolConditions = {
  isActive: false,
  isTradable: false,
  isHalted: false,
  borrow: { isShortable: false, isEasy: false, availableShares: 0, rate: undefined },
  participation: undefined,
  delayMs: 0,
  rejection: undefined,
}
