/**
 * What the desk answers, as schemas and types. The API sends these as they are.
 * Instants are epoch ms, money is decimal text in US dollars, prices are US dollars per share, fractions lie in [0, 1].
 */
import { z } from 'zod'

const Instant = z.number().describe('epoch ms')
const Money = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .describe('US dollars, decimal text')
const Price = z.number().describe('US dollars per share')
const SymbolText = z.string().describe('ticker')
const PairText = z.string().describe('y-x')

/** A figure that may not be known yet; `reason` is a sentence for the person who looks. */
function figureOf<Value extends z.ZodType>(value: Value) {
  return z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('known'), value }),
    z.object({ kind: z.literal('unknown'), reason: z.string() }),
  ])
}

const MoneyFigure = figureOf(Money)
const CountFigure = figureOf(z.number().int().nonnegative())
const FractionFigure = figureOf(z.number())
const ScoreFigure = figureOf(z.number())

export const BookView = z.object({
  book: z.string(),
  kind: z.enum(['live', 'paper', 'rehearsal', 'backtest']),
  state: z.enum(['preparing', 'open', 'closed', 'failed', 'cancelled']),
  day: z.string().nullable().describe('trading day of a rehearsal, YYYY-MM-DD'),
  feed: z.string().nullable(),
  isSimulated: z.boolean().describe('its bars come from a generated market'),
  speed: z.string().nullable().describe('times real time, or max; null on wall time'),
  shownAt: Instant.nullable().describe("what the book's clock shows; null before it runs"),
  startedAt: Instant,
  endedAt: Instant.nullable(),
})

export const SessionView = z.object({
  date: z.string(),
  opensAt: Instant,
  closesAt: Instant,
  isHalfDay: z.boolean(),
  isProjected: z.boolean().describe('the exchange has not published yet whether it trades that day'),
})

export const Figures = z.object({
  equityUsd: MoneyFigure,
  dayProfitUsd: MoneyFigure,
  dayReturn: FractionFigure,
  openPairs: CountFigure,
  grossExposureUsd: MoneyFigure,
  grossExposure: FractionFigure.describe('fraction of equity'),
  winRate: FractionFigure.describe('closed pairs with a gain, fraction of all closed pairs'),
  closedPairs: z.number().int(),
  markedAt: Instant.nullable().describe('when equity was last marked'),
})

export const EquityPoint = z.object({ at: Instant, equityUsd: Money })

export const PositionView = z.object({
  id: z.string(),
  pair: PairText,
  y: SymbolText.nullable(),
  x: SymbolText.nullable(),
  state: z.enum(['opening', 'open', 'closing', 'closed']),
  direction: z.enum(['long', 'short']),
  yShares: z.number().describe('signed: a short leg is negative'),
  xShares: z.number().describe('signed: a short leg is negative'),
  entryZ: z.number().nullable(),
  unrealisedUsd: MoneyFigure,
  realisedUsd: Money,
  openedAt: Instant,
  closedAt: Instant.nullable(),
})

export const SignalView = z.object({
  id: z.string(),
  at: Instant,
  pair: PairText,
  kind: z.enum(['enter-long', 'enter-short', 'exit', 'hold', 'stand-aside']),
  z: z.number().nullable(),
  probability: z.number().nullable(),
  confidence: z.number(),
  reasons: z.array(z.string()),
  verdict: z.enum(['approved', 'refused']).nullable().describe('what risk decided; null when it was not asked'),
  refusal: z.string().nullable().describe('the whole sentence'),
})

export const TickSummary = z.object({
  at: Instant,
  counts: z.record(z.string(), z.number().int()).describe('signals of the last tick by kind'),
})

export const TapeRow = z.object({
  symbol: SymbolText,
  isHeld: z.boolean().describe('a leg of a pair that is held'),
  last: Price.describe('close of the newest bar of the session, US dollars per share'),
  lastOpenedAt: Instant.describe('when that bar opened'),
  change: z.number().describe("of the last price since the session's first, a fraction"),
  closes: z.array(Price.nullable()).describe('of the last 60 minutes, one each, oldest first; null where the session had no bar'),
  hourVolumeShares: z.number().describe('of these minutes'),
})

export const TapeView = z.object({
  at: Instant.describe('no bar that closed later has a part in this'),
  day: z.string().describe('of the session, YYYY-MM-DD'),
  bars: z.number().int().describe("1-minute bars of the session so far, of all the book's symbols"),
  rows: z.array(TapeRow).describe('at most 12, the held ones first, then the widest moves'),
})

export const AlertView = z.object({ id: z.string(), at: Instant, title: z.string(), body: z.string() })

export const OrderView = z.object({
  id: z.string().describe('client order id'),
  at: Instant,
  pair: PairText,
  leg: z.enum(['y', 'x']),
  symbol: SymbolText,
  side: z.enum(['buy', 'sell']),
  quantityShares: z.number(),
  filledShares: z.number(),
  averagePrice: Price.nullable(),
  referencePrice: Price,
  purpose: z.enum(['enter', 'exit', 'unwind']),
  state: z.enum(['intended', 'unknown', 'working', 'filled', 'cancelled', 'expired', 'rejected']),
  reason: z.string().nullable(),
  updatedAt: Instant,
})

export const FillView = z.object({
  id: z.string(),
  at: Instant,
  quantityShares: z.number(),
  price: Price,
  feesUsd: Money,
})

const BarView = z.object({
  symbol: SymbolText,
  openedAt: Instant,
  open: Price,
  high: Price,
  low: Price,
  close: Price,
  volumeShares: z.number(),
})

export const ModelView = z.object({
  id: z.string(),
  pair: PairText,
  day: z.string(),
  isPromoted: z.boolean(),
  gateReasons: z.array(z.string()),
  scores: z.record(z.string(), ScoreFigure).describe('on the test part, by the name of the score'),
  version: z.string().nullable(),
  trainedAt: Instant,
})

export const DecisionView = z.object({
  id: z.string(),
  at: Instant,
  verdict: z.enum(['approved', 'refused']),
  reason: z.string().nullable(),
})

/** Why an order exists, from its cause to its fills. */
export const OrderWhy = z.object({
  order: OrderView,
  bars: z.array(BarView).describe('the last finished bar of each leg when the signal was made'),
  model: ModelView.nullable(),
  signal: SignalView,
  decision: DecisionView,
  fills: z.array(FillView),
})

const Part = z.number().nullable().describe('in [0, 1]; null when the pair did not come so far, or unscored says why')

/** What stopped a pair, in the order of the gates. */
export const PairVerdict = z.enum([
  'not-testable',
  'low-correlation',
  'not-cointegrated',
  'negative-hedge-ratio',
  'half-life-out-of-range',
  'false-discovery',
  'broke-out-of-sample',
  'low-score',
  'shortlisted',
])

const ScreenedPair = z.object({
  pair: PairText,
  rank: z.number().int().nullable(),
  correlation: z.number().nullable(),
  pValue: z.number().nullable(),
  adjustedPValue: z
    .number()
    .nullable()
    .describe('Benjamini-Hochberg over all pairs tried; null for a pair that an earlier gate stopped'),
  hedgeRatio: z.number().nullable(),
  halfLifeBars: z.number().nullable(),
  tailPValue: z.number().nullable().describe('Dickey-Fuller on the bars held back'),
  tailShift: z.number().nullable().describe('standard deviations by which the mean moved on the bars held back'),
  fit: Part,
  volatilityForecast: Part,
  recentBacktest: Part,
  residualDiagnostics: Part,
  unscored: z.record(z.string(), z.string()).describe('why a part of the score has no value, by its name'),
  score: z.number().nullable(),
  verdict: PairVerdict,
  why: z.string().nullable().describe('of a pair that could not be tested'),
})

const ScreenedSymbol = z.object({
  symbol: SymbolText,
  verdict: z.enum(['incomplete', 'not-testable', 'unstable', 'screened']),
  observations: z.number().int(),
  needed: z.number().int().nullable().describe('observations that an incomplete one would have needed'),
  maskedSpikes: z.number().int().nullable().describe('prices taken for bad ticks and left out; null when it was not looked at'),
  archPValue: z.number().nullable(),
  ljungBoxPValue: z.number().nullable(),
  volatilityVariation: z.number().nullable().describe('deviation over mean of the rolling standard deviation'),
  zScore: z.number().nullable().describe('deviations of the last log close from the mean of those before and itself'),
  volatility: z.number().nullable().describe('standard deviation of the log returns of the last bars, of one bar'),
  failures: z.array(z.enum(['arch-effects', 'autocorrelated', 'unsteady-volatility'])),
  why: z.string().nullable().describe('of a symbol that could not be tested'),
})

const FunnelStep = z.object({
  gate: z.string().describe('the gate that was passed'),
  of: z.enum(['symbols', 'pairs']),
  passed: z.number().int(),
})

/** The rules of a screen that its page speaks of; null where a screen of an older version had none. */
export const ScreenRules = z.object({
  minimumCorrelation: z.number(),
  maximumPValue: z.number(),
  minimumHalfLifeBars: z.number(),
  maximumHalfLifeBars: z.number(),
  falseDiscoveryRate: z.number().describe('most of the adjusted p-value; 1 refuses nobody'),
  maximumTailPValue: z.number().describe('1 refuses nobody'),
  maximumTailShift: z.number().nullable(),
  minimumScore: z.number(),
  minimumArchPValue: z.number(),
  minimumLjungBoxPValue: z.number(),
  maximumVolatilityVariation: z.number().nullable(),
})

export const ScreenView = z.object({
  id: z.string(),
  book: z.string(),
  day: z.string(),
  feed: z.string(),
  timeframe: z.string(),
  fromAt: Instant,
  untilAt: Instant,
  rows: z.number().int().nullable().describe('of the clock that all symbols share; null for a screen of an older version'),
  headRows: z.number().int().nullable().describe('of these before the ones held back'),
  symbolsOffered: z.number().int(),
  symbolsComplete: z.number().int(),
  tested: z.number().int(),
  correlated: z.number().int(),
  cointegrated: z.number().int(),
  shortlisted: z.number().int(),
  funnel: z.array(FunnelStep).describe('in the order of the gates'),
  maskedSpikes: z.record(z.string(), z.number().int()).describe('bad ticks left out, by symbol'),
  rules: ScreenRules,
  bestAdjustedPValue: z.number().nullable().describe('null when no pair came as far'),
  verdicts: z.record(z.string(), z.number().int()).describe('pairs by verdict'),
  symbols: z.array(ScreenedSymbol).describe('left out ones first'),
  pairs: z.array(ScreenedPair).describe('of the verdict asked for, best first, at most 500'),
})

export type BookView = z.infer<typeof BookView>
export type SessionView = z.infer<typeof SessionView>
export type Figures = z.infer<typeof Figures>
export type EquityPoint = z.infer<typeof EquityPoint>
export type PositionView = z.infer<typeof PositionView>
export type SignalView = z.infer<typeof SignalView>
export type TickSummary = z.infer<typeof TickSummary>
export type TapeRow = z.infer<typeof TapeRow>
export type TapeView = z.infer<typeof TapeView>
export type AlertView = z.infer<typeof AlertView>
export type OrderView = z.infer<typeof OrderView>
export type FillView = z.infer<typeof FillView>
export type BarView = z.infer<typeof BarView>
export type ModelView = z.infer<typeof ModelView>
export type DecisionView = z.infer<typeof DecisionView>
export type OrderWhy = z.infer<typeof OrderWhy>
export type PairVerdict = z.infer<typeof PairVerdict>
export type ScreenedPair = z.infer<typeof ScreenedPair>
export type ScreenedSymbol = z.infer<typeof ScreenedSymbol>
export type FunnelStep = z.infer<typeof FunnelStep>
export type ScreenRules = z.infer<typeof ScreenRules>
export type ScreenView = z.infer<typeof ScreenView>
export type MoneyFigure = z.infer<typeof MoneyFigure>
export type FractionFigure = z.infer<typeof FractionFigure>
export type CountFigure = z.infer<typeof CountFigure>
