import { expect, test } from 'vitest'
import { type RandomStream, randomStream } from '#domain/random.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'
import { PAIR_FEATURES } from '#features/pair-features.ts'
import { examplePair } from '#models/example-pair.ts'
import { featureRows, filterSpread, fitScaler } from '#models/pair-frame.ts'
import { type Prepared, prepareTraining, type TrainingInput } from '#models/training-set.ts'
import { EXAMPLE_RULES } from '#pairs/example-market.ts'
import { type ScreenInput, screen } from '#pairs/screen.ts'
import { lineUpOf } from '#pairs/screened-symbol.ts'
import { logSpread } from '#pairs/spread.ts'
import { cutMarkets, type Market, marketOf, upTo } from './market.ts'

/** Gates so wide that most pairs reach the last one. */
const RULES = {
  ...EXAMPLE_RULES,
  completeness: 0.5,
  maximumVolatilityVariation: 10,
  minimumCorrelation: 0.3,
  maximumPValue: 0.5,
  minimumHalfLifeBars: 0,
  stabilityWindowBars: 10,
  zScoreMinimumBars: 10,
  maximumTailPValue: 0.5,
  maximumTailShift: 5,
  minimumScore: 0.1,
  zScoreRule: { ...EXAMPLE_RULES.zScoreRule, zscoreWindowBars: 10, entryZ: 1 },
}
const VARIANCE = { kind: 'garch', parameters: { mu: 0, omega: 1e-6, alpha: 0.1, beta: 0.8, initialVariance: 1e-5 } } as const
const featuresOf = ({ y, x }: Market) => featureRows(filterSpread(logSpread(y, x, { alpha: 0.1, beta: 0.9 }), VARIANCE))

test('a scaler fitted up to a row does not know the rows after it', () => {
  for (const { whole, cuts } of cutMarkets()) {
    const rows = featuresOf(whole)
    for (const t of cuts) {
      const fit = { inputs: PAIR_FEATURES.length, until: t + 1 }
      expect(fitScaler(featuresOf(upTo(whole, t)), fit)).toEqual(fitScaler(rows, fit))
    }
  }
})

test('what a model is fitted on is its training part alone', () => {
  const input = examplePair()
  const before = prepared(input)
  const lastTrainRow = before.job.trainEnds[before.job.trainEnds.length - 1]
  for (let seed = 0; seed < 10; seed++) {
    const { normal } = randomStream(seed, 'after-training')
    // One row more belongs to the label of the last training window.
    const changed = (close: PriceColumn) => timesFrom(lastTrainRow + 2, close, () => Math.exp(0.01 * normal()))
    const after = prepared({ ...input, y: changed(input.y), x: changed(input.x) })
    expect(fittedOn(after, lastTrainRow)).toEqual(fittedOn(before, lastTrainRow))
    expect(after.job.frame).not.toEqual(before.job.frame)
  }
})

test('a screen reads the window that it is handed, whatever lies behind it', () => {
  for (const { input, window } of screenWindows(200)) {
    const views = { ...input, closes: input.closes.map((close) => close.subarray(0, window) as PriceColumn) }
    const copies = { ...input, closes: input.closes.map((close) => close.slice(0, window) as PriceColumn) }
    expect(screen(views, RULES)).toEqual(screen(copies, RULES))
  }
})

test('no estimate of a screen, and no gate before the out-of-sample one, knows the rows that are held back', () => {
  let moved = 0
  for (const { input, window, random } of screenWindows(50)) {
    const { headRows } = lineUpOf({ ...input, closes: input.closes.map((close) => close.slice(0, window) as PriceColumn) }, RULES)
    // Only the rows held back tell whether the last two before them leapt to stay there, or are bad ticks.
    const closes = input.closes.map((close) => timesFrom(headRows - 2, close.slice(0, window), () => 3))
    const other = closes.map((close) => timesFrom(headRows, close, () => Math.exp(0.05 * random.normal()) / 3))
    const result = screen({ ...input, closes }, RULES)
    const again = screen({ ...input, closes: other }, RULES)
    expect(headOf(again)).toEqual(headOf(result))
    moved += Number(JSON.stringify(again) !== JSON.stringify(result))
  }
  expect(moved).toBeGreaterThan(25)
})

function timesFrom(row: number, close: Float64Array, factor: () => number): PriceColumn {
  return close.map((price, t) => (t >= row ? price * factor() : price)) as PriceColumn
}

function prepared(input: TrainingInput): Prepared {
  const outcome = prepareTraining(input)
  if (!outcome.ok) throw new Error(outcome.why.kind)
  return outcome.value
}

function fittedOn({ context, job }: Prepared, lastRow: number) {
  const { spreadMean, spreadDeviation, variance, scaler } = context
  const frame = job.frame.subarray(0, (lastRow + 1) * job.shape.inputs)
  return { spreadMean, spreadDeviation, variance, scaler, frame, labels: job.labels.subarray(0, lastRow + 1) }
}

type ScreenWindow = { readonly input: ScreenInput; readonly window: number; readonly random: RandomStream }

/** Windows of random lengths over markets of two symbols that are kin. */
function screenWindows(count: number): ScreenWindow[] {
  return Array.from({ length: count }, (_, seed) => {
    const random = randomStream(seed, 'screen')
    const { y } = marketOf(random)
    const closes = [y, kinOf(y, random)]
    return { input: { symbols: ['AAA', 'BBB'] as Symbol_[], closes }, window: 90 + random.below(60), random }
  })
}

/** A price that comes back to the other one, with a half-life of some two rows. */
function kinOf(close: PriceColumn, { normal }: RandomStream): PriceColumn {
  let spread = 0
  return close.map((price) => {
    spread = 0.7 * spread + 0.004 * normal()
    return price * Math.exp(spread)
  }) as PriceColumn
}

const ESTIMATES: readonly string[] = 'pair correlation pValue alpha beta observations halfLifeBars adjustedPValue'.split(' ')
const LATE_VERDICTS: readonly string[] = ['broke-out-of-sample', 'low-score', 'shortlisted']

/** What a screen says of the rows before the held-back ones, symbol by symbol and pair by pair. */
function headOf({ pairs, symbols }: ReturnType<typeof screen>) {
  const estimates = pairs.map((pair) => Object.fromEntries(Object.entries(pair).filter(([key]) => ESTIMATES.includes(key))))
  const verdicts = pairs.map(({ verdict }) => (LATE_VERDICTS.includes(verdict) ? 'late' : verdict))
  const stabilities = symbols.map((one) => ('stability' in one ? one.stability : one.verdict))
  return { estimates, verdicts, stabilities }
}
