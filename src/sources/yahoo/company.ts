import { z } from 'zod'
import { type EpochMs, epochMs } from '#domain/units.ts'

/** Yahoo writes money plainly or as `{raw, fmt, longFmt}`; `{}` stands for nothing. */
const amount = z.union([
  z.number(),
  z.object({ raw: z.number() }).transform(({ raw }) => raw),
  z.object({}).transform(() => null),
])
const figure = amount.nullish().transform((value) => value ?? undefined)
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined)

const officerWire = z.object({
  name: z.string().transform((name) => name.replaceAll(/\s+/g, ' ').trim()),
  title: z.string(),
  age: figure,
  yearBorn: figure,
  fiscalYear: figure,
  totalPay: figure,
  exercisedValue: figure,
  unexercisedValue: figure,
})

const profileWire = z.object({
  sector: text,
  industry: text,
  longBusinessSummary: text,
  website: text,
  fullTimeEmployees: figure,
  city: text,
  country: text,
  companyOfficers: z.array(officerWire).nullish(),
})

const statisticsWire = z.object({
  enterpriseValue: figure,
  sharesOutstanding: figure,
  floatShares: figure,
  shortPercentOfFloat: figure,
  priceToBook: figure,
  trailingEps: figure,
  profitMargins: figure,
})

const detailWire = z.object({
  marketCap: figure,
  beta: figure,
  trailingPE: figure,
  forwardPE: figure,
  dividendYield: figure,
  averageVolume: figure,
  fiftyTwoWeekLow: figure,
  fiftyTwoWeekHigh: figure,
})

const priceWire = z.object({ longName: text, shortName: text, exchangeName: text, currency: text, quoteType: text })

/** A person who leads a company. Pay is per fiscal year, in the company's currency; undefined where nothing is said. */
export type Officer = z.output<typeof officerWire>

/** Figures of a company at one time, undefined where Yahoo says nothing. Money is in the quote's currency. */
export type CompanyStatistics = {
  readonly marketCap: number | undefined
  readonly enterpriseValue: number | undefined
  readonly sharesOutstanding: number | undefined
  readonly floatShares: number | undefined
  /** Fraction of the float. */
  readonly shortFraction: number | undefined
  readonly beta: number | undefined
  readonly trailingPe: number | undefined
  readonly forwardPe: number | undefined
  readonly priceToBook: number | undefined
  readonly trailingEps: number | undefined
  /** A year, fraction of the price. */
  readonly dividendYield: number | undefined
  /** Fraction of revenue. */
  readonly profitMargin: number | undefined
  readonly averageVolumeShares: number | undefined
  readonly yearLow: number | undefined
  readonly yearHigh: number | undefined
}

/** What Yahoo says of a company. Sectors are Yahoo's own taxonomy, not GICS. */
export type Company = {
  readonly name: string
  readonly exchange: string | undefined
  readonly currency: string | undefined
  readonly sector: string | undefined
  readonly industry: string | undefined
  readonly summary: string | undefined
  readonly website: string | undefined
  readonly employees: number | undefined
  readonly city: string | undefined
  readonly country: string | undefined
  /** In Yahoo's order: the chief executive first, as a rule. */
  readonly officers: readonly Officer[]
  readonly statistics: CompanyStatistics
}

/** The modules of a summary that a company is made of. */
export const COMPANY_MODULES = ['assetProfile', 'summaryDetail', 'defaultKeyStatistics', 'price'] as const

/** A summary as Yahoo sends it. A fund has no profile; whoever has no name is not what was asked for. */
export const companyWire: z.ZodType<Company> = z
  .object({
    assetProfile: profileWire.optional(),
    summaryDetail: detailWire.optional(),
    defaultKeyStatistics: statisticsWire.optional(),
    price: priceWire,
  })
  .transform(({ assetProfile: profile, summaryDetail: detail, defaultKeyStatistics: key, price }, context) => {
    const name = price.longName ?? price.shortName
    if (name === undefined) {
      context.addIssue({ code: 'custom', message: 'expected a name', path: ['price', 'longName'] })
      return z.NEVER
    }
    return {
      name,
      exchange: price.exchangeName,
      currency: price.currency,
      sector: profile?.sector,
      industry: profile?.industry,
      summary: profile?.longBusinessSummary,
      website: profile?.website,
      employees: profile?.fullTimeEmployees,
      city: profile?.city,
      country: profile?.country,
      officers: profile?.companyOfficers ?? [],
      statistics: {
        marketCap: detail?.marketCap,
        enterpriseValue: key?.enterpriseValue,
        sharesOutstanding: key?.sharesOutstanding,
        floatShares: key?.floatShares,
        shortFraction: key?.shortPercentOfFloat,
        beta: detail?.beta,
        trailingPe: detail?.trailingPE,
        forwardPe: detail?.forwardPE,
        priceToBook: key?.priceToBook,
        trailingEps: key?.trailingEps,
        dividendYield: detail?.dividendYield,
        profitMargin: key?.profitMargins,
        averageVolumeShares: detail?.averageVolume,
        yearLow: detail?.fiftyTwoWeekLow,
        yearHigh: detail?.fiftyTwoWeekHigh,
      },
    }
  })

const quoteWire = z
  .object({
    symbol: z.string(),
    regularMarketPrice: z.number().positive(),
    regularMarketTime: z.union([z.number().transform((seconds) => seconds * 1000), z.date().transform((at) => at.getTime())]),
    regularMarketPreviousClose: figure,
    regularMarketVolume: figure,
    bid: figure,
    ask: figure,
    currency: text,
  })
  .transform((quote) => ({
    ticker: quote.symbol,
    price: quote.regularMarketPrice,
    tradedAt: epochMs(quote.regularMarketTime),
    previousClose: quote.regularMarketPreviousClose,
    volumeShares: quote.regularMarketVolume,
    // Outside trading hours Yahoo writes 0 for want of an offer.
    bid: quote.bid === 0 ? undefined : quote.bid,
    ask: quote.ask === 0 ? undefined : quote.ask,
    currency: quote.currency,
  }))

/** The last price of a symbol and what stood around it; `ticker` as Yahoo writes it, prices in `currency` per share. */
export type YahooQuote = {
  readonly ticker: string
  readonly price: number
  readonly tradedAt: EpochMs
  readonly previousClose: number | undefined
  readonly volumeShares: number | undefined
  readonly bid: number | undefined
  readonly ask: number | undefined
  readonly currency: string | undefined
}

/** Quotes as Yahoo sends them: only of symbols that it knows, in an order of its own. */
export const quotesWire: z.ZodType<readonly YahooQuote[]> = z.array(quoteWire)
