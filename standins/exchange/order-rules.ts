import { isWhole, sharesIn } from '#matching/shares.ts'
import type { OrderBody } from './order-body.ts'
import { wronglyGrouped } from './order-groups.ts'
import { malformed, type Refusal, refusal } from './refusal.ts'

/** The first of Alpaca's rules of form that an order breaks, as Alpaca says it; undefined when it keeps them all. */
export function wronglyFormed(body: OrderBody): Refusal | undefined {
  return wronglySized(body) ?? wronglyPriced(body) ?? wronglyTimed(body) ?? wronglyGrouped(body) ?? subPenny(pricesOf(body))
}

function wronglySized({ qty, notional, type, time_in_force: time }: OrderBody): Refusal | undefined {
  if (qty === undefined && notional === undefined) return malformed('qty or notional is required')
  if (qty !== undefined && notional !== undefined) return malformed('only one of qty or notional is accepted')
  const wrong = outOfRange({ qty, notional })
  if (wrong) return wrong
  if (notional !== undefined) {
    if (!isOnTick(notional, 2)) return refusal(422, 'notional value must be limited to 2 decimal places')
    if (Number(notional) < 1) return refusal(403, 'cost basis must be >= minimal amount of order 1')
    if (type !== 'market') return refusal(422, 'notional orders must be market orders')
    return time === 'day' ? undefined : refusal(422, 'fractional orders must be DAY orders')
  }
  const shares = sharesIn(qty ?? '')
  if (shares === undefined) return malformed(`invalid qty ${qty}: at most 9 decimals are accepted`)
  if (shares <= 0n) return malformed('qty must be > 0')
  if (isWhole(shares)) return undefined
  if (type === 'stop_limit' || type === 'trailing_stop')
    return refusal(422, 'fractional orders must be market, limit or stop orders')
  return time === 'day' ? undefined : refusal(422, 'fractional orders must be DAY orders')
}

/** Which prices a type of order has; an order has those and no others. */
const PRICES: Readonly<Record<OrderBody['type'], { limit: boolean; stop: boolean; words: string }>> = {
  market: { limit: false, stop: false, words: 'market orders require no stop or limit price' },
  limit: { limit: true, stop: false, words: 'limit orders require a limit price and no stop price' },
  stop: { limit: false, stop: true, words: 'stop orders require a stop price and no limit price' },
  stop_limit: { limit: true, stop: true, words: 'stop limit orders require both stop and limit price' },
  trailing_stop: { limit: false, stop: false, words: 'trailing stop orders require no stop or limit price' },
}

function wronglyPriced(body: OrderBody): Refusal | undefined {
  const { type, limit_price: limit, stop_price: stop, trail_price: trail, trail_percent: percent } = body
  const { words, ...wanted } = PRICES[type]
  // The limit of a one-cancels-other may come as its take-profit.
  const isOco = type === 'limit' && body.order_class === 'oco'
  const hasLimit = limit !== undefined || (isOco && body.take_profit?.limit_price !== undefined)
  if (type === 'limit' && !hasLimit) return malformed('limit orders require a limit price')
  if (hasLimit !== wanted.limit || (stop !== undefined) !== wanted.stop) return malformed(words)
  const trails = [trail, percent].filter((value) => value !== undefined)
  if (trails.length !== (type === 'trailing_stop' ? 1 : 0))
    return malformed('trailing stop orders, and only they, require one of trail_price and trail_percent')
  if (body.side === 'sell' && Number(percent) >= 100) return malformed('trail_percent of a sale must be < 100')
  return outOfRange({ ...pricesOf(body), trail_percent: percent })
}

/** Beyond any share's price and any company's shares; sums of such numbers stay exact. */
const LARGEST = 1_000_000_000

/** The refusal of the first number that is not above 0, or is beyond every market. */
export function outOfRange(numbers: Readonly<Record<string, string | undefined>>): Refusal | undefined {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined) continue
    if (Number(value) <= 0) return malformed(`${name} must be > 0`)
    if (Number(value) > LARGEST) return malformed(`${name} must be <= ${LARGEST}`)
  }
  return undefined
}

function wronglyTimed({ type, time_in_force: time, extended_hours: isExtended }: OrderBody): Refusal | undefined {
  const isPlain = type === 'market' || type === 'limit'
  if (!isPlain && time !== 'day' && time !== 'gtc') return refusal(422, `${type} orders must be day or gtc orders, got ${time}`)
  if (isExtended && (type !== 'limit' || (time !== 'day' && time !== 'gtc')))
    return refusal(422, 'extended hours order must be DAY or GTC limit orders')
  return undefined
}

/** Every price of an order, by its name in the body. */
function pricesOf(body: OrderBody): Readonly<Record<string, string | undefined>> {
  return {
    limit_price: body.limit_price,
    stop_price: body.stop_price,
    trail_price: body.trail_price,
    'take_profit.limit_price': body.take_profit?.limit_price,
    'stop_loss.stop_price': body.stop_loss?.stop_price,
    'stop_loss.limit_price': body.stop_loss?.limit_price,
  }
}

/** The refusal of the first price with more decimals than its height allows: two from a dollar on, four below. */
export function subPenny(prices: Readonly<Record<string, string | undefined>>): Refusal | undefined {
  const wrong = Object.entries(prices).find(([, price]) => price !== undefined && !isOnTick(price, Number(price) >= 1 ? 2 : 4))
  return wrong && refusal(422, `invalid ${wrong[0]} ${wrong[1]}. sub-penny increment does not fulfill minimum pricing criteria`)
}

/** Whether decimal text has no more than `decimals` that count. */
function isOnTick(price: string, decimals: number): boolean {
  const fraction = price.split('.')[1] ?? ''
  return /^0*$/.test(fraction.slice(decimals))
}
