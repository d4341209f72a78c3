import { isoFrom } from '#domain/units.ts'
import { type CountedBar, DERIVED, type Print, quoteAround } from './derived-ticks.ts'
import { toMicroDollar } from './rounding.ts'

/** The exchange code of everything here: prints and quotes follow from bars and were made nowhere else. */
export const EXCHANGE_CODE = 'V'

/** A bar as the data API writes it. `proxy` is there only on bars that are another symbol's. */
export function barJson(bar: CountedBar, proxy: string | undefined): object {
  return {
    t: isoFrom(bar.openedAt),
    o: bar.open,
    h: bar.high,
    l: bar.low,
    c: bar.close,
    v: bar.volumeShares,
    n: bar.trades,
    vw: toMicroDollar(bar.vwap),
    ...(proxy === undefined ? {} : { proxy }),
  }
}

/** A trade as the data API writes it. */
export function tradeJson(print: Print, tape: string): object {
  return {
    t: isoFrom(print.at),
    x: EXCHANGE_CODE,
    p: print.price,
    s: print.sizeShares,
    c: [DERIVED],
    i: print.id,
    z: tape,
  }
}

/** A quote as the data API writes it: the two sides that a print of the bar lies between. */
export function quoteJson(print: Print, tape: string, halfSpreadBps: number): object {
  const { bid, ask } = quoteAround(print, halfSpreadBps)
  return {
    t: isoFrom(print.at),
    ax: EXCHANGE_CODE,
    ap: ask,
    as: print.sizeShares,
    bx: EXCHANGE_CODE,
    bp: bid,
    bs: print.sizeShares,
    c: [DERIVED],
    z: tape,
  }
}

/** The consolidated tape that a listing belongs to: A New York, C Nasdaq, B everything else. */
export function tapeOfListing(exchange: 'NYSE' | 'NASDAQ' | 'ARCA' | 'AMEX' | 'BATS'): 'A' | 'B' | 'C' {
  if (exchange === 'NYSE') return 'A'
  return exchange === 'NASDAQ' ? 'C' : 'B'
}
