import type { Pair } from '#domain/pair.ts'
import { type RandomStream, randomStream } from '#domain/random.ts'
import { inventListings, type SimulatedListing } from './listings.ts'

/** Standard deviations of an average minute's log return, by where it comes from. */
export type FactorLoads = { readonly market: number; readonly sector: number; readonly own: number }

/** A pair that is cointegrated by construction: ln y = intercept + hedgeRatio · ln x + spread. */
export type PlantedPair = {
  readonly pair: Pair
  readonly hedgeRatio: number
  readonly intercept: number
  readonly halfLifeBars: number
  /** Long-run standard deviation of the spread, log dollars. */
  readonly spreadDeviation: number
}

type Traded = {
  readonly listing: SimulatedListing
  /** Typical volume of one minute, shares. */
  readonly minuteShares: number
}

/** A company that moves with market and sector and by itself. `lastOpen`: ln of its price at the open of the last session. */
export type Mover = Traded & { readonly kind: 'mover'; readonly loads: FactorLoads; readonly lastOpen: number }

/** The y of a planted pair: its price follows its x. */
export type Partner = Traded & { readonly kind: 'partner'; readonly planted: PlantedPair }

export type Company = Mover | Partner

const LOADS = {
  anchor: { market: 4e-4, sector: 3e-4, own: 4e-4 },
  correlated: { market: 4e-4, sector: 3.5e-4, own: 3e-4 },
  independent: { market: 0.8e-4, sector: 0, own: 9e-4 },
} as const satisfies Record<string, FactorLoads>

/**
 * The companies of the market that `seed` makes, sector by sector. Four at a time: x and y of a planted pair, one that
 * only correlates with them, one that goes its own way. Throws SIMULATION_SIZE as `inventListings` does.
 */
export function foundCompanies(seed: number, size: { readonly sectors: number; readonly symbolsPerSector: number }): Company[] {
  const companies: Company[] = []
  inventListings(size.sectors, size.symbolsPerSector).forEach((listing, index) => {
    companies.push(
      found(randomStream(seed, 'company', listing.symbol), listing, {
        place: index % size.symbolsPerSector,
        before: companies.at(-1),
      }),
    )
  })
  return companies
}

function found(
  random: RandomStream,
  listing: SimulatedListing,
  { place, before }: { readonly place: number; readonly before: Company | undefined },
): Company {
  const traded = { listing, minuteShares: Math.exp(9 + 0.5 * random.normal()) }
  const price = Math.log(35) + random.uniform() * Math.log(4)
  if (place % 4 === 1 && before?.kind === 'mover')
    return { ...traded, kind: 'partner', planted: plant(random, { y: listing, x: before, price }) }
  const loads = place % 4 === 0 ? LOADS.anchor : place % 4 === 2 ? LOADS.correlated : LOADS.independent
  return { ...traded, kind: 'mover', loads, lastOpen: price }
}

// Half-lives stay below 55 bars so that seven sessions are enough to see the pair in a unit-root test.
function plant(
  random: RandomStream,
  { y, x, price }: { readonly y: SimulatedListing; readonly x: Mover; readonly price: number },
): PlantedPair {
  const hedgeRatio = 0.75 + 0.5 * random.uniform()
  return {
    pair: { y: y.symbol, x: x.listing.symbol },
    hedgeRatio,
    intercept: price - hedgeRatio * x.lastOpen,
    halfLifeBars: 20 + 35 * random.uniform(),
    spreadDeviation: 2e-3 + 1e-3 * random.uniform(),
  }
}
