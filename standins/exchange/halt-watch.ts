import type { Listing } from '#domain/tape.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Wanted } from './bar-frames.ts'
import type { LatestBars } from './latest-bars.ts'
import { tapeOfListing } from './market-json.ts'
import { toCent } from './rounding.ts'
import { instantIn } from './tick-frames.ts'

/** What is told of halts at one instant. */
export type HaltNews = {
  readonly framesFor: (
    wish: Readonly<Record<'statuses' | 'lulds' | 'imbalances', Wanted | undefined>>,
    codec: 'json' | 'msgpack',
  ) => readonly (readonly object[])[]
}

export type HaltWatch = {
  /** Listings, by index, in which nothing trades at some instant of [from, until). */
  readonly haltedIn: (from: EpochMs, until: EpochMs) => ReadonlySet<number>
  /** What has changed since the last call, and what goes on. */
  readonly newsOf: (halted: ReadonlySet<number>, at: EpochMs) => HaltNews
}

/** Price bands of the plan against extraordinary volatility: five per cent of the last price, for stocks of the first tier. */
const BAND = 0.05

/**
 * Tells of halts that were scripted or set: a status when one begins and ends, the price bands when it begins, and an imbalance
 * at the last price for every minute that it lasts.
 */
export function createHaltWatch(
  listings: readonly Listing[],
  {
    isHalted,
    latest,
  }: { readonly isHalted: (symbol: Listing['symbol'], from: EpochMs, until: EpochMs) => boolean; readonly latest: LatestBars },
): HaltWatch {
  let before: ReadonlySet<number> = new Set()
  const priceOf = (s: number) => latest.priceOf(listings[s].symbol)
  const newsOf: HaltWatch['newsOf'] = (halted, at) => {
    const begun = [...halted].filter((s) => !before.has(s))
    const ended = [...before].filter((s) => !halted.has(s))
    before = halted
    return {
      framesFor: (wish, codec) => {
        const t = instantIn(codec)(at)
        const isWanted = (wanted: Wanted | undefined) => (s: number) => wanted?.[s] === 1
        const common = (s: number) => ({ S: listings[s].symbol, t, z: tapeOfListing(listings[s].exchange) })
        const isPriced = (s: number) => priceOf(s) !== undefined
        return [
          [
            ...begun.filter(isWanted(wish.statuses)).map((s) => ({ T: 's', ...common(s), ...HALTED })),
            ...ended.filter(isWanted(wish.statuses)).map((s) => ({ T: 's', ...common(s), ...RESUMED })),
          ],
          begun
            .filter(isWanted(wish.lulds))
            .filter(isPriced)
            .map((s) => ({ T: 'l', ...common(s), ...bandsAround(priceOf(s) ?? 0) })),
          [...halted]
            .filter(isWanted(wish.imbalances))
            .filter(isPriced)
            .map((s) => ({ T: 'i', ...common(s), p: priceOf(s) })),
        ]
      },
    }
  }
  return {
    haltedIn: (from, until) => {
      const halted = new Set<number>()
      for (let s = 0; s < listings.length; s++) if (isHalted(listings[s].symbol, from, until)) halted.add(s)
      return halted
    },
    newsOf,
  }
}

const HALTED = { sc: 'H', sm: 'Trading Halt', rc: 'LUDP', rm: 'Volatility Trading Pause' } as const
const RESUMED = { sc: 'T', sm: 'Trading Resumption', rc: '', rm: '' } as const

function bandsAround(price: number): { readonly u: number; readonly d: number; readonly i: 'B' } {
  return { u: toCent(price * (1 + BAND)), d: toCent(price * (1 - BAND)), i: 'B' }
}
