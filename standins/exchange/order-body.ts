import { z } from 'zod'

/** Clients send numbers as text or as numbers; either way it is decimal text afterwards. */
export const decimal = z
  .union([z.number().transform(decimalFrom), z.string().regex(/^-?\d+(\.\d+)?$/)])
  .nullish()
  .transform((text) => text ?? undefined)

const NINE_DECIMALS = 9

function decimalFrom(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(NINE_DECIMALS) : text
}

const absent = <T>(value: T | null | undefined): T | undefined => value ?? undefined

/** A name that is empty is none. */
export const clientOrderId = z
  .string()
  .max(128)
  .nullish()
  .transform((name) => (name === '' ? undefined : absent(name)))

/** The body of `POST /v2/orders`, as far as equities need it. */
export const OrderBody = z.object({
  symbol: z.string(),
  side: z.enum(['buy', 'sell']).nullish().transform(absent),
  type: z.enum(['market', 'limit', 'stop', 'stop_limit', 'trailing_stop']),
  time_in_force: z.enum(['day', 'gtc', 'opg', 'cls', 'ioc', 'fok']),
  qty: decimal,
  notional: decimal,
  limit_price: decimal,
  stop_price: decimal,
  trail_price: decimal,
  trail_percent: decimal,
  extended_hours: z.boolean().nullish().transform(absent),
  client_order_id: clientOrderId,
  order_class: z.enum(['', 'simple', 'bracket', 'oco', 'oto', 'mleg']).nullish().transform(absent),
  take_profit: z.object({ limit_price: decimal }).nullish().transform(absent),
  stop_loss: z.object({ stop_price: decimal, limit_price: decimal }).nullish().transform(absent),
  position_intent: z.enum(['buy_to_open', 'buy_to_close', 'sell_to_open', 'sell_to_close']).nullish().transform(absent),
})
export type OrderBody = z.infer<typeof OrderBody>
