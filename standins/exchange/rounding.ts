/** A price in US dollars to a millionth, as every derived price is told. */
export function toMicroDollar(price: number): number {
  return Math.round(price * 1e6) / 1e6
}

/** A price in US dollars to the cent. */
export function toCent(price: number): number {
  return Math.round(price * 100) / 100
}
