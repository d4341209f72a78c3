import { type MicroUsd, usdFrom } from '#domain/money.ts'
import { nameOf, type Pair } from '#domain/pair.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, MINUTE_MS } from '#domain/units.ts'
import { heldPair, type Portfolio, sharesOf } from '#portfolio/portfolio.ts'
import { equityOf, exposureOf, type Prices } from '#portfolio/value.ts'
import type { OrderLeg, PendingOrder } from './pair-order.ts'
import { grossOf } from './size.ts'

/** The settings under `risk:`. Fractions are of equity. */
export type RiskLimits = {
  readonly positionFraction: number
  readonly maximumGross: number
  readonly maximumPairs: number
  readonly maximumDailyLoss: number
  readonly noEntryBeforeCloseMinutes: number
}

/** What the account and the broker allow at this instant. */
export type Circumstances = {
  readonly portfolio: Portfolio
  readonly limits: RiskLimits
  /** The session under way, or undefined outside trading hours. */
  readonly session: Session | undefined
  /** Last prices in USD; a symbol without one is absent. */
  readonly prices: Prices
  readonly account: { readonly buyingPower: MicroUsd; readonly isShortingEnabled: boolean; readonly isBlocked: boolean }
  /** By symbol; a symbol that the broker does not know is absent. */
  readonly assets: ReadonlyMap<Symbol_, { readonly isTradable: boolean; readonly isShortable: boolean }>
  /** Orders of the book that may still fill, and what was approved in this tick. */
  readonly pendingOrders: readonly PendingOrder[]
}

/** Which limit refused. */
export type RefusalCode =
  | 'nothing-held'
  | 'already-held'
  | 'already-pending'
  | 'market-closed'
  | 'near-close'
  | 'account-blocked'
  | 'daily-loss'
  | 'maximum-pairs'
  | 'no-hedge-ratio'
  | 'no-price'
  | 'not-tradable'
  | 'not-shortable'
  | 'leg-opposed'
  | 'too-small'
  | 'gross-limit'
  | 'buying-power'

/** Why not, in words that begin after "Risk refused XOM-CVX: ", and the figures that broke the limit. */
export type Objection = {
  readonly reason: RefusalCode
  readonly words: string
  readonly figures: Readonly<Record<string, number>>
}

/** Brokers value an order at the market above the last price, since nobody knows where it will execute. Alpaca: 3 %. */
const MARKET_ORDER_COLLAR = 1.03

/** The first limit that forbids to open any pair, or this one, now; undefined when none does. */
export function objectionToEntering(now: Circumstances, pair: Pair, at: EpochMs): Objection | undefined {
  return (
    objectionToMarket(now, at) ??
    objectionToPair(now, pair) ??
    objectionToDay(now) ??
    objectionToCount(now) ??
    objectionToListing(now, pair)
  )
}

/** The first limit that these legs break, or undefined. */
export function objectionToLegs(now: Circumstances, legs: readonly OrderLeg[]): Objection | undefined {
  return objectionToSides(now, legs) ?? objectionToGross(now, legs) ?? objectionToBuyingPower(now, legs)
}

/** Whether an order of the pair is still alive. */
export function isPending({ pendingOrders }: Circumstances, pair: Pair): boolean {
  return pendingOrders.some((order) => nameOf(order.pair) === nameOf(pair))
}

function objectionToMarket({ session, limits, account }: Circumstances, at: EpochMs): Objection | undefined {
  if (session === undefined || at < session.opensAt || at >= session.closesAt) {
    return { reason: 'market-closed', words: 'the market is closed', figures: {} }
  }
  if (account.isBlocked) return { reason: 'account-blocked', words: 'the broker has blocked the account', figures: {} }
  const minutes = (session.closesAt - at) / MINUTE_MS
  if (minutes > limits.noEntryBeforeCloseMinutes) return undefined
  return {
    reason: 'near-close',
    words: `${minutes.toFixed(0)} minutes are left until the close, and nothing is opened in the last ${limits.noEntryBeforeCloseMinutes}`,
    figures: { minutesToClose: minutes, noEntryBeforeCloseMinutes: limits.noEntryBeforeCloseMinutes },
  }
}

function objectionToPair(now: Circumstances, pair: Pair): Objection | undefined {
  if (isPending(now, pair)) return { reason: 'already-pending', words: 'orders of this pair are still working', figures: {} }
  const held = heldPair(now.portfolio, pair)
  return held && { reason: 'already-held', words: 'the pair is held already', figures: {} }
}

function objectionToDay({ portfolio, limits }: Circumstances): Objection | undefined {
  const [start, equity] = [usdFrom(portfolio.startingEquity), usdFrom(equityOf(portfolio))]
  const loss = (start - equity) / start
  if (loss < limits.maximumDailyLoss) return undefined
  return {
    reason: 'daily-loss',
    words: `the day has lost ${percent(loss)} of its opening equity, and nothing is opened beyond ${percent(limits.maximumDailyLoss)}`,
    figures: { loss, maximumDailyLoss: limits.maximumDailyLoss },
  }
}

function objectionToCount({ portfolio, limits, pendingOrders }: Circumstances): Objection | undefined {
  const held = portfolio.pairs.filter(({ state }) => state !== 'closed').map(({ pair }) => nameOf(pair))
  const pairs = new Set([...held, ...pendingOrders.map(({ pair }) => nameOf(pair))]).size
  if (pairs < limits.maximumPairs) return undefined
  const words = `${pairs} pairs are held or being opened, and the limit is ${limits.maximumPairs}`
  return { reason: 'maximum-pairs', words, figures: { pairs, maximumPairs: limits.maximumPairs } }
}

function objectionToListing({ prices, assets }: Circumstances, pair: Pair): Objection | undefined {
  const symbols = [pair.y, pair.x]
  const unpriced = symbols.find((symbol) => !((prices.get(symbol) ?? 0) > 0))
  if (unpriced !== undefined) return { reason: 'no-price', words: `${unpriced} has no price`, figures: {} }
  const untradable = symbols.find((symbol) => assets.get(symbol)?.isTradable !== true)
  return untradable && { reason: 'not-tradable', words: `the broker does not trade ${untradable} now`, figures: {} }
}

function objectionToSides(now: Circumstances, legs: readonly OrderLeg[]): Objection | undefined {
  const opposed = legs.find((leg) => isOpposed(now, leg))
  if (opposed) {
    const verb = opposed.side === 'buy' ? 'short' : 'long'
    return { reason: 'leg-opposed', words: `${opposed.symbol} is held or being traded ${verb} by another pair`, figures: {} }
  }
  const sold = legs.filter(({ side }) => side === 'sell')
  const barred = sold.find(({ symbol }) => !now.account.isShortingEnabled || now.assets.get(symbol)?.isShortable !== true)
  return barred && { reason: 'not-shortable', words: `${barred.symbol} cannot be sold short`, figures: {} }
}

/**
 * Whether the leg would net against what another pair holds or is trading in its symbol. Brokers refuse one order that
 * turns a position through zero, and orders of one account that could trade with each other.
 */
function isOpposed({ portfolio, pendingOrders }: Circumstances, { symbol, side }: OrderLeg): boolean {
  const held = sharesOf(portfolio, symbol)
  const isHeldAgainst = side === 'buy' ? held < 0 : held > 0
  return isHeldAgainst || pendingOrders.some((order) => order.symbol === symbol && order.side !== side)
}

function objectionToGross({ portfolio, limits, pendingOrders }: Circumstances, legs: readonly OrderLeg[]): Objection | undefined {
  const held = usdFrom(exposureOf(portfolio).gross)
  const gross = (held + enteringUsd(pendingOrders) + grossOf(legs)) / usdFrom(equityOf(portfolio))
  if (gross <= limits.maximumGross) return undefined
  return {
    reason: 'gross-limit',
    words: `gross exposure would reach ${percent(gross)} of equity, and the limit is ${percent(limits.maximumGross)}`,
    figures: { gross, maximumGross: limits.maximumGross },
  }
}

/** Both legs must fit before the first is sent. What was approved in this tick is not yet in the broker's figure. */
function objectionToBuyingPower({ account, pendingOrders }: Circumstances, legs: readonly OrderLeg[]): Objection | undefined {
  const needed = (enteringUsd(pendingOrders) + grossOf(legs)) * MARKET_ORDER_COLLAR
  const available = usdFrom(account.buyingPower)
  if (needed <= available) return undefined
  return {
    reason: 'buying-power',
    words: `both legs need ${dollars(needed)} of buying power, orders on the way included, and ${dollars(available)} are left`,
    figures: { needed, available },
  }
}

/** Dollars that entries on the way have still to trade. */
function enteringUsd(pending: readonly PendingOrder[]): number {
  const entering = pending.filter(({ purpose }) => purpose === 'enter')
  return entering.reduce((sum, { remainingShares, referencePrice }) => sum + remainingShares * referencePrice, 0)
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(2)} %`
}

function dollars(usd: number): string {
  return `$${usd.toFixed(2)}`
}
