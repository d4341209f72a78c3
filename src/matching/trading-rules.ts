/** What a broker demands of an account before it lends or lets trade within a day. Reasons: docs/exchange.md. */
export type TradingRules = {
  /** US dollars of equity at the last close below which a fourth day trade in five sessions is refused; 0 lets everyone. */
  readonly dayTradingMinimumUsd: number
  /** US dollars of equity at the last close below which nothing is lent and nothing sold short. */
  readonly marginMinimumUsd: number
}

/** FINRA Rule 4210: 25,000 for pattern day traders, 2,000 for any margin account. */
export const FINRA_RULES: TradingRules = { dayTradingMinimumUsd: 25_000, marginMinimumUsd: 2_000 }

/** At which end of a day trade the rules for day traders are checked. */
export type CheckedAt = 'entry' | 'exit' | 'both'

/** What the owner of an account has chosen. */
export type AccountChoices = {
  readonly isTradingSuspended: boolean
  readonly isShortingRefused: boolean
  readonly isFractionalAllowed: boolean
  /** Buying power over equity, at most; the account's own multiplier may be lower. */
  readonly maxMultiplier: 1 | 2 | 4
  readonly dayTradesCheckedAt: CheckedAt
}

export const NO_CHOICES: AccountChoices = {
  isTradingSuspended: false,
  isShortingRefused: false,
  isFractionalAllowed: true,
  maxMultiplier: 4,
  dayTradesCheckedAt: 'entry',
}

/** How one symbol may be borrowed. */
export type Borrow = {
  /** Whether it may be sold short at all. */
  readonly isShortable: boolean
  /** Whether it is lent without asking: new short sales are taken in such symbols alone. */
  readonly isEasy: boolean
  /** Whole shares that may be short in total; undefined without limit. */
  readonly availableShares: number | undefined
  /** A year of 360 days, on market value; undefined: the fill model's rate. */
  readonly rate: number | undefined
}

/** Trades of a day allowed in five sessions before an account is a pattern day trader's. */
export const DAY_TRADES_ALLOWED = 3
