import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'
import { type EngleGranger, engleGranger } from '#statistics/engle-granger.ts'
import { areDailyBarsAbsent, readDailyCloses, WHY_ABSENT } from './market.file.ts'
import { type ScreenInput, type ScreenRules, screen } from './screen.ts'
import { screenOffThread } from './screen-pool.worker.ts'
import { maskSpikes } from './spikes.ts'

const RULES: ScreenRules = {
  completeness: 0.8,
  minimumCorrelation: 0.8,
  maximumPValue: 0.05,
  minimumHalfLifeBars: 2,
  maximumHalfLifeBars: 390,
  falseDiscoveryRate: 0.25,
  maximum: 20,
}

/** A shared walk, two symbols that follow it with a reverting spread, one on its own, one that falls as it rises, one late. */
function market(rows: number): ScreenInput {
  const { normal } = randomStream(21, 'market')
  const [walk, own] = [0, 0].map(() => {
    let level = 3
    return Float64Array.from({ length: rows }, () => {
      level += 0.01 * normal()
      return level
    })
  })
  const reverting = (speed: number) => {
    let level = 0
    return () => {
      level = (1 - speed) * level + 0.004 * normal()
      return level
    }
  }
  const [a, b] = [reverting(0.1), reverting(0.1)]
  const columns = {
    AAA: walk.map((level) => level + a()),
    BBB: walk.map((level) => 0.5 + 0.9 * level + b()),
    OWN: own,
    LATE: walk.map((level, t) => (t < rows / 2 ? Number.NaN : level + a())),
  }
  return {
    symbols: Object.keys(columns) as Symbol_[],
    closes: Object.values(columns).map((column) => column.map(Math.exp) as PriceColumn),
  }
}

const verdictsOf = (input: ScreenInput, rules: ScreenRules) =>
  Object.fromEntries(screen(input, rules).pairs.map(({ name, verdict }) => [name, verdict]))

test('the pair that shares a walk is found, every other one carries the gate that stopped it', () => {
  const input = market(1500)
  const result = screen(input, RULES)
  const [best] = result.pairs
  expect([result.offered, result.complete, result.tested, result.shortlisted]).toEqual([4, 3, 3, 1])
  expect(best).toMatchObject({ verdict: 'shortlisted', rank: 1 })
  if (best.verdict !== 'shortlisted') throw new Error(best.verdict)
  expect([best.pair.y, best.pair.x].sort()).toEqual(['AAA', 'BBB'])
  const [y, x] = ['AAA', 'BBB'].map((symbol) => input.closes[input.symbols.indexOf(symbol as Symbol_)].map(Math.log))
  expect(best.pValue).toBe(Math.min(pValueOf(engleGranger(y, x)), pValueOf(engleGranger(x, y))))
  expect(best.halfLifeBars).toBeGreaterThan(4)
  expect(best.halfLifeBars).toBeLessThan(10)
  expect(best.beta).toBeCloseTo(best.pair.y === 'BBB' ? 0.9 : 1.1, 1)
  expect(result.pairs.slice(1).every(({ verdict }) => verdict === 'low-correlation' || verdict === 'not-cointegrated')).toBe(true)
})

test('each gate stops the pair that fails it alone', () => {
  const input = market(1500)
  const pair = screen(input, RULES).pairs[0].name
  expect(verdictsOf(input, { ...RULES, minimumCorrelation: 1 })[pair] ?? 'low-correlation').toBe('low-correlation')
  expect(verdictsOf(input, { ...RULES, maximumPValue: 0 })[pair]).toBe('not-cointegrated')
  expect(verdictsOf(input, { ...RULES, maximumHalfLifeBars: 3 })[pair]).toBe('half-life-out-of-range')
  expect(verdictsOf(input, { ...RULES, minimumHalfLifeBars: 50 })[pair]).toBe('half-life-out-of-range')
  expect(verdictsOf(input, { ...RULES, falseDiscoveryRate: 0 })[pair]).toBe('false-discovery')
  expect(screen(input, { ...RULES, completeness: 0.4 }).complete).toBe(4)
})

test('a pair that moves against each other is refused for its negative hedge ratio', () => {
  const { symbols, closes } = market(1500)
  const [first, second] = closes
  const input = { symbols: symbols.slice(0, 2), closes: [first, second.map((price) => 1000 / price) as PriceColumn] }
  expect(Object.values(verdictsOf(input, { ...RULES, minimumCorrelation: -1 }))).toEqual(['negative-hedge-ratio'])
})

test('one and the same series under two names is not testable', () => {
  const { symbols, closes } = market(300)
  const input = { symbols: symbols.slice(0, 2), closes: [closes[0], closes[0]] }
  expect(screen(input, RULES).pairs[0]).toMatchObject({ verdict: 'not-testable', why: 'collinear' })
})

test('the order of the symbols does not matter', () => {
  const { symbols, closes } = market(600)
  const turned = { symbols: symbols.toReversed(), closes: closes.toReversed() }
  expect(screen(turned, RULES)).toEqual(screen({ symbols, closes }, RULES))
})

test('a screen of nothing finds nothing', () => {
  expect(screen({ symbols: [], closes: [] }, RULES)).toMatchObject({ offered: 0, complete: 0, tested: 0, pairs: [] })
  expect(() => screen({ symbols: ['A' as Symbol_], closes: [] }, RULES)).toThrow(RangeError)
})

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
  const result = screen({ symbols, closes }, { ...RULES, minimumCorrelation: -1, maximumPValue: 1, falseDiscoveryRate: 1 })
  expect(result.maskedSpikes).toEqual({ LNT: 1 })
  const found = result.pairs.filter(({ name }) => name.includes('LNT'))
  expect(found.map((pair) => 'pValue' in pair && pair.pValue > 0.01)).toEqual([true, true, true, true])
})

function pValueOf(test_: EngleGranger): number {
  if (test_.kind !== 'tested') throw new Error(test_.kind)
  return test_.pValue
}

test('threads find what one thread finds, however many they are, and tell how far they are', async () => {
  const input = wideMarket()
  const alone = screen(input, RULES)
  const told: number[] = []
  const [one, two] = await Promise.all(
    [1, 2].map((threads) => screenOffThread(input, RULES, { threads, onProgress: (done) => told.push(done) })),
  )
  expect(one).toEqual(alone)
  expect(two).toEqual(alone)
  expect(Math.max(...told)).toBe(alone.tested)
  expect((await screenOffThread({ symbols: [], closes: [] }, RULES)).tested).toBe(0)
})

test('an aborted screen rejects with the reason of its signal', async () => {
  const stop = new AbortController()
  const running = screenOffThread(wideMarket(), RULES, {
    signal: stop.signal,
    threads: 1,
    onProgress: () => stop.abort('enough'),
  })
  await expect(running).rejects.toBe('enough')
  await expect(screenOffThread(wideMarket(), RULES, { signal: AbortSignal.abort('early') })).rejects.toBe('early')
})

function wideMarket(): ScreenInput {
  const rows = 200
  const { normal } = randomStream(5, 'wide')
  const symbols = Array.from({ length: 24 }, (_, i) => `S${i}` as Symbol_)
  const closes = symbols.map(() => {
    let level = 3
    return Float64Array.from({ length: rows }, () => {
      level += 0.01 * normal()
      return Math.exp(level)
    }) as PriceColumn
  })
  return { symbols, closes }
}
