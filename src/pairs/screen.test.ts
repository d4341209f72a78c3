import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'
import { type EngleGranger, engleGranger } from '#statistics/engle-granger.ts'
import { inputOf, plantedMarket, EXAMPLE_RULES as RULES, walkOf } from './example-market.ts'
import { passedAt } from './funnel.ts'
import { areDailyBarsAbsent, readDailyCloses, WHY_ABSENT } from './market.file.ts'
import { type ScreenInput, type ScreenResult, type ScreenRules, screen } from './screen.ts'
import { screenOffThread } from './screen-pool.worker.ts'
import { maskSpikes } from './spikes.ts'

const ROWS = 1200
const market = plantedMarket(ROWS)
const planted = screen(market, RULES)

function pairOf({ pairs }: ScreenResult, ...legs: readonly string[]) {
  const found = pairs.find(({ pair }) => legs.includes(pair.y) && legs.includes(pair.x))
  if (found === undefined) throw new Error(`${legs} was not tried`)
  return found
}

const verdictOn = (input: ScreenInput, rules: ScreenRules, ...legs: readonly string[]) =>
  pairOf(screen(input, rules), ...legs).verdict

test('a pair that shares a walk to the end survives every gate, with all its figures', () => {
  const found = pairOf(planted, 'AAA', 'BBB')
  if (found.verdict !== 'shortlisted') throw new Error(found.verdict)
  expect(found.rank).toBe(1)
  expect(found.halfLifeBars).toBeGreaterThan(3)
  expect(found.halfLifeBars).toBeLessThan(12)
  expect(found.beta).toBeCloseTo(found.pair.y === 'BBB' ? 0.9 : 1.1, 1)
  expect(found.tailPValue).toBeLessThan(0.01)
  expect(found.tailShift).toBeLessThan(1)
  expect(found.score).toBeGreaterThan(0.8)
})

test('a pair that breaks on the held-back rows is stopped there, and only there', () => {
  const { verdict, ...found } = pairOf(planted, 'AAA', 'DDD')
  expect(verdict).toBe('broke-out-of-sample')
  expect('pValue' in found && found.pValue).toBeLessThan(0.001)
})

test('every estimate is of the rows before the held-back ones: others there change none of them', () => {
  const head = planted.headRows
  // The last row before is a spike, unless the rows after it were looked at.
  const closes = market.closes.map((close, i) => close.map((price, t) => (i === 0 && t >= head - 1 ? 1.5 * price : price)))
  const noise = walkOf(randomStream(1, 'elsewhere'), ROWS)
  const strayed = closes.map((close, i) => close.map((price, t) => (t < head ? price : Math.exp(noise[(t * (i + 3)) % ROWS]))))
  const [before, after] = [closes, strayed].map((columns) =>
    screen({ symbols: market.symbols, closes: columns as PriceColumn[] }, RULES),
  )
  const stability = ({ symbols }: ScreenResult) => symbols.map((one) => ('stability' in one ? one.stability : one.verdict))
  expect(stability(after)).toEqual(stability(before))
  const estimates = (of: object) =>
    ['correlation', 'pValue', 'alpha', 'beta', 'halfLifeBars', 'adjustedPValue'].map((key) => Reflect.get(of, key))
  for (const one of before.pairs) expect(estimates(pairOf(after, one.pair.y, one.pair.x))).toEqual(estimates(one))
})

test('symbols with too few rows or no steady variance are left out, each with its reason', () => {
  const verdicts = Object.fromEntries(planted.symbols.map(({ symbol, verdict }) => [symbol, verdict]))
  expect(verdicts).toEqual({
    AAA: 'screened',
    BBB: 'screened',
    DDD: 'screened',
    LATE: 'incomplete',
    OWN: 'screened',
    WILD: 'unstable',
  })
  expect(planted.symbols.find(({ symbol }) => symbol === 'WILD')).toMatchObject({ failures: ['unsteady-volatility'] })
  expect(planted.symbols.find(({ symbol }) => symbol === 'LATE')).toMatchObject({ observations: ROWS / 2, needed: 960 })
})

test('the funnel counts symbols and pairs at each gate in order, and never grows', () => {
  const { funnel } = planted
  expect(funnel.slice(0, 4).map(({ gate, passed }) => `${passed} ${gate}`)).toEqual([
    '6 offered',
    '5 complete',
    '4 stable',
    '6 tried',
  ])
  for (const of of ['symbols', 'pairs']) {
    const passed = funnel.filter((step) => step.of === of).map((step) => step.passed)
    expect(passed).toEqual(passed.toSorted((a, b) => b - a))
  }
  expect(passedAt(funnel, 'reverting') - passedAt(funnel, 'out-of-sample')).toBe(2)
  expect(passedAt(funnel, 'shortlisted')).toBe(1)
})

test('each gate stops the pair that fails it alone', () => {
  const { symbols, closes } = market
  const input = { symbols: symbols.slice(0, 2), closes: closes.slice(0, 2) }
  const verdict = (rules: Partial<ScreenRules>) => verdictOn(input, { ...RULES, ...rules }, 'AAA', 'BBB')
  expect(verdict({})).toBe('shortlisted')
  expect(verdict({ minimumCorrelation: 1 })).toBe('low-correlation')
  expect(verdict({ maximumPValue: 0 })).toBe('not-cointegrated')
  expect(verdict({ maximumHalfLifeBars: 3 })).toBe('half-life-out-of-range')
  expect(verdict({ minimumHalfLifeBars: 50 })).toBe('half-life-out-of-range')
  expect(verdict({ falseDiscoveryRate: 0 })).toBe('false-discovery')
  expect(verdict({ maximumTailPValue: 0 })).toBe('broke-out-of-sample')
  expect(verdict({ maximumTailShift: 0 })).toBe('broke-out-of-sample')
  expect(verdict({ minimumScore: 1 })).toBe('low-score')
})

test('a pair that moves against each other is refused for its negative hedge ratio', () => {
  const [first, second] = market.closes
  const input = { symbols: market.symbols.slice(0, 2), closes: [first, second.map((price) => 1000 / price) as PriceColumn] }
  expect(verdictOn(input, { ...RULES, minimumCorrelation: -1 }, 'AAA', 'BBB')).toBe('negative-hedge-ratio')
})

test('one and the same series under two names is not testable, nor is a symbol that never moves', () => {
  const [close] = market.closes
  const twice = screen({ symbols: ['A', 'B'] as Symbol_[], closes: [close, close] }, RULES)
  expect(twice.pairs[0]).toMatchObject({ verdict: 'not-testable', why: 'collinear' })
  const still = screen({ symbols: ['A', 'B'] as Symbol_[], closes: [close, close.map(() => 5) as PriceColumn] }, RULES)
  expect(still.symbols[1]).toMatchObject({ verdict: 'not-testable', why: 'constant' })
})

test('the order of the symbols does not matter', () => {
  const turned = { symbols: market.symbols.toReversed(), closes: market.closes.toReversed() }
  expect(screen(turned, RULES)).toEqual(planted)
})

test('a screen of nothing finds nothing', () => {
  const nothing = screen({ symbols: [], closes: [] }, RULES)
  expect(nothing).toMatchObject({ symbols: [], pairs: [] })
  expect(nothing.funnel.every(({ passed }) => passed === 0)).toBe(true)
  expect(() => screen({ symbols: ['A' as Symbol_], closes: [] }, RULES)).toThrow(RangeError)
})

test('of walks that have nothing to do with each other a twentieth looks cointegrated, and false-discovery control leaves none', () => {
  const stream = randomStream(17, 'strangers')
  const strangers = inputOf(Object.fromEntries(Array.from({ length: 26 }, (_, i) => [`S${i}`, walkOf(stream, 300)])))
  const loose = { ...RULES, minimumCorrelation: -1, minimumScore: 0 }
  const { funnel } = screen(strangers, loose)
  // Two directions of 5 % each, hardly independent of each other.
  const share = passedAt(funnel, 'cointegrated') / passedAt(funnel, 'tried')
  expect(share).toBeGreaterThan(0.03)
  expect(share).toBeLessThan(0.12)
  // The held-back rows keep about the quarter that their level allows.
  expect(passedAt(funnel, 'out-of-sample') / passedAt(funnel, 'reverting')).toBeLessThan(0.45)
  expect(passedAt(screen(strangers, { ...loose, falseDiscoveryRate: 0.05 }).funnel, 'false-discovery')).toBe(0)
})

test('one bad tick, wherever it stands and however wrong it is, changes neither the verdict on strangers nor on a pair', () => {
  const stream = randomStream(29, 'bad ticks')
  const strangers = inputOf({ A: walkOf(stream, 500), B: walkOf(stream, 500) })
  const open = { ...RULES, minimumCorrelation: -1 }
  expect(verdictOn(strangers, open, 'A', 'B')).toBe('not-cointegrated')
  const pair = { symbols: market.symbols.slice(0, 2), closes: market.closes.slice(0, 2) }
  for (const [row, factor] of [
    [0, 0.5],
    [200, 0.5],
    [399, 100],
    [400, 0.01],
    [499, 2],
  ]) {
    expect(verdictOn(withTick(strangers, row, factor), open, 'A', 'B')).toBe('not-cointegrated')
    const spoilt = screen(withTick(pair, row, factor), RULES)
    expect(spoilt.pairs[0].verdict).toBe('shortlisted')
    expect(spoilt.maskedSpikes).toEqual({ AAA: 1 })
  }
})

function withTick({ symbols, closes }: ScreenInput, row: number, factor: number): ScreenInput {
  const [first, ...others] = closes
  return { symbols, closes: [first.map((price, t) => (t === row ? price * factor : price)) as PriceColumn, ...others] }
}

test('the bad tick of LNT on 2016-05-19 makes a false pair of the raw series and none in the screen', ({ skip }) => {
  skip(areDailyBarsAbsent, WHY_ABSENT)
  const symbols = ['LNT', 'DTE', 'WEC', 'AWK', 'ED'] as Symbol_[]
  const closes = readDailyCloses(symbols)
  const [lnt, ...others] = closes.map((close) => close.map(Math.log))
  const plain = { lagRule: 'fixed', maximumLag: 0 } as const
  for (const other of others) expect(pValueOf(engleGranger(lnt, other, plain))).toBeLessThan(1e-10)
  const { column, count } = maskSpikes(lnt)
  const isKept = (_: number, t: number) => !Number.isNaN(column[t])
  expect([count, closes[0][column.findIndex(Number.isNaN)]]).toEqual([1, 17.87])
  for (const other of others)
    expect(pValueOf(engleGranger(lnt.filter(isKept), other.filter(isKept), plain))).toBeGreaterThan(0.01)
  const result = screen({ symbols, closes }, RULES)
  expect(result.maskedSpikes).toEqual({ LNT: 1 })
  const found = result.pairs.filter(({ name }) => name.includes('LNT'))
  expect(found.every((pair) => 'pValue' in pair && pair.pValue > 0.01)).toBe(true)
  expect(found.filter(({ verdict }) => verdict === 'shortlisted')).toEqual([])
  // With its lags chosen as the screen does, the raw head of LNT and DTE passes too.
  const [head, dte] = [lnt.subarray(0, result.headRows), others[0].subarray(0, result.headRows)]
  expect(pValueOf(engleGranger(head, dte))).toBeLessThan(0.05)
  expect(pairOf(result, 'LNT', 'DTE').verdict).toBe('not-cointegrated')
})

function pValueOf(test_: EngleGranger): number {
  if (test_.kind !== 'tested') throw new Error(test_.kind)
  return test_.pValue
}

test('threads find what one thread finds, however many they are, and tell how far they are', async () => {
  const told: number[] = []
  const [one, three] = await Promise.all(
    [1, 3].map((threads) => screenOffThread(market, RULES, { threads, onProgress: (done) => told.push(done) })),
  )
  expect(one).toEqual(planted)
  expect(three).toEqual(planted)
  expect(Math.max(...told)).toBe(planted.pairs.length)
  expect((await screenOffThread({ symbols: [], closes: [] }, RULES)).pairs).toEqual([])
})

test('an aborted screen rejects with the reason of its signal', async () => {
  const stop = new AbortController()
  const running = screenOffThread(market, RULES, { signal: stop.signal, threads: 1, onProgress: () => stop.abort('enough') })
  await expect(running).rejects.toBe('enough')
  await expect(screenOffThread(market, RULES, { signal: AbortSignal.abort('early') })).rejects.toBe('early')
})
