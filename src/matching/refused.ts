/** Why an order is not taken. Money is in US dollars, quantities in shares. */
export type OrderRefused =
  | { readonly kind: 'not-positive'; readonly quantity: number }
  | { readonly kind: 'trading-suspended' }
  | { readonly kind: 'fractional-refused' }
  | { readonly kind: 'client-id-in-use'; readonly clientOrderId: string }
  | { readonly kind: 'opposite-order'; readonly clientOrderId: string }
  | {
      readonly kind: 'insufficient-shares'
      readonly requested: number
      readonly existing: number
      readonly held: number
      readonly available: number
      /** Client ids of the orders that hold the shares. */
      readonly heldBy: readonly string[]
    }
  | { readonly kind: 'shorting-refused' }
  | { readonly kind: 'not-shortable' }
  | { readonly kind: 'fractional-short' }
  | { readonly kind: 'borrow-exhausted'; readonly available: number }
  | { readonly kind: 'day-trading'; readonly dayTrades: number }
  | { readonly kind: 'no-price' }
  | { readonly kind: 'insufficient-buying-power'; readonly needed: number; readonly available: number }

/** Why an order stays as it is. */
export type ReplaceRefused =
  | OrderRefused
  | { readonly kind: 'not-working' }
  | { readonly kind: 'amount-fixed'; readonly because: 'value' | 'fractional' | 'group' }
  | { readonly kind: 'nothing-left'; readonly filled: number }
