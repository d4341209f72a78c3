import type { MicroUsd } from '#domain/money.ts'
import type { BareFill } from '#execution/fills.ts'
import { type FillModel, secFee, tradeValue, tradingActivityFee } from '#matching/fill-model.ts'
import { sumOf } from '#portfolio/lot.ts'

/** What a fill costs beside its price: SEC and trading activity fees, on sales only. */
export function feesOf({ side, price, quantityShares }: BareFill, model: FillModel): MicroUsd {
  if (side === 'buy') return sumOf()
  return sumOf(secFee(tradeValue(price, quantityShares), model), tradingActivityFee(quantityShares, model))
}
