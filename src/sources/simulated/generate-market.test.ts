import { describe, expect, test } from 'vitest'
import type { BarColumns } from '#domain/bars.ts'
import { sessionsBefore } from '#domain/calendar.ts'
import { randomStream } from '#domain/random.ts'
import { minutesOf, type Session, type SessionDate } from '#domain/sessions.ts'
import type { PlantedPair } from './companies.ts'
import { generateMarket } from './generate-market.ts'
import { garchNoise } from './noise.ts'

const sessionsUpTo = (date: string, count: number) => sessionsBefore(date as SessionDate, count)
const usual = { seed: 7, sectors: 4, symbolsPerSector: 4 }
const sessions = sessionsUpTo('2026-03-10', 9)
const market = generateMarket({ ...usual, sessions })

/** Columns of one session with instants as minutes after its open, so that sessions of different dates compare. */
function dayOf(bars: BarColumns, { opensAt, closesAt }: Session) {
  const rows = [...bars.openedAt.keys()].filter((i) => opensAt <= bars.openedAt[i] && bars.openedAt[i] < closesAt)
  return rows.map((i) => [
    (bars.openedAt[i] - opensAt) / 60_000,
    bars.open[i],
    bars.high[i],
    bars.low[i],
    bars.close[i],
    bars.volumeShares[i],
  ])
}

function lastDayOf(of: typeof market, day: Session | undefined) {
  if (!day) throw new Error('no session')
  return of.bars.map((b) => dayOf(b, day))
}

function spreadOf({ pair, hedgeRatio }: PlantedPair): { at: number; spread: number }[] {
  const closes = (symbol: string) => {
    const bars = market.bars.find((b) => b.symbol === symbol)
    return new Map(Array.from(bars?.openedAt ?? [], (at, i) => [at, bars?.close[i] ?? Number.NaN]))
  }
  const x = closes(pair.x)
  return [...closes(pair.y)].flatMap(([at, y]) => {
    const hedge = x.get(at)
    return hedge === undefined ? [] : [{ at, spread: Math.log(y) - hedgeRatio * Math.log(hedge) }]
  })
}

function rollingZ(spread: readonly number[], end: number): number {
  const window = spread.slice(end - 119, end + 1)
  const mean = window.reduce((a, b) => a + b, 0) / window.length
  const variance = window.reduce((a, b) => a + (b - mean) ** 2, 0) / (window.length - 1)
  return ((spread[end] ?? Number.NaN) - mean) / Math.sqrt(variance)
}

describe('a generated market', () => {
  test('is made within a second and has a bar for nearly every minute of every session', () => {
    const started = performance.now()
    generateMarket({ ...usual, sessions })
    expect(performance.now() - started).toBeLessThan(1000)
    const minutes = sessions.reduce((sum, s) => sum + minutesOf(s), 0)
    for (const { close } of market.bars) {
      expect(close.length).toBeLessThan(minutes)
      expect(close.length).toBeGreaterThan(minutes * 0.985)
    }
  })

  test('obeys the rules of bars: whole cents, low ≤ open and close ≤ high, whole shares, ascending minutes', () => {
    const broken = market.bars.flatMap(({ symbol, openedAt, open, high, low, close, volumeShares }) =>
      [...openedAt].flatMap((at, i) => {
        const isOrdered = low[i] > 1 && low[i] <= Math.min(open[i], close[i]) && Math.max(open[i], close[i]) <= high[i]
        const isInCents = [open[i], high[i], low[i], close[i]].every((p) => Math.abs(p * 100 - Math.round(p * 100)) < 1e-6)
        const isTraded = Number.isInteger(volumeShares[i]) && volumeShares[i] >= 100
        return isOrdered && isInCents && isTraded && (i === 0 || at > openedAt[i - 1]) ? [] : [`${symbol} row ${i}`]
      }),
    )
    expect(broken).toEqual([])
  })

  test('has the same last session whichever day it is made on and however many sessions come before', () => {
    const last = lastDayOf(market, sessions.at(-1))
    // 2025-12-01 follows the half day after Thanksgiving.
    const afterHalfDay = sessionsUpTo('2025-12-02', 5)
    expect(afterHalfDay.some((s) => s.isHalfDay)).toBe(true)
    expect(lastDayOf(generateMarket({ ...usual, sessions: afterHalfDay }), afterHalfDay.at(-1))).toEqual(last)
  })

  test('ends a half day early', () => {
    const halfDay = sessionsUpTo('2025-11-29', 2)
    const [minutes] = lastDayOf(generateMarket({ ...usual, sessions: halfDay }), halfDay.at(-1))
    expect(Math.max(...(minutes ?? []).map(([minute]) => minute ?? 0))).toBeLessThan(210)
  })

  test('differs with the seed', () => {
    expect(generateMarket({ ...usual, seed: 8, sessions }).bars[0]?.close).not.toEqual(market.bars[0]?.close)
  })

  test('names its companies so that nobody takes them for real ones, each ticker once, up to the largest size', () => {
    const { listings } = generateMarket({ seed: 1, sectors: 11, symbolsPerSector: 20, sessions: sessions.slice(-1) })
    expect(new Set(listings.map((l) => l.symbol)).size).toBe(220)
    for (const { symbol, name } of listings) {
      expect(symbol).toMatch(/^ZX[A-Z]{2}$/)
      expect(name).toMatch(/ \(simulated\)$/)
    }
  })

  test('larger than there are invented names is refused with the setting and its range', () => {
    expect(() => generateMarket({ ...usual, sectors: 12, sessions })).toThrow(/simulation\.sectors is 12.*1 to 11/)
  })
})

describe('the planted pairs', () => {
  test('include one in every sector, which reverts at about its half-life', () => {
    expect(market.planted).toHaveLength(4)
    for (const planted of market.planted) {
      const spread = spreadOf(planted).map((row) => row.spread - planted.intercept)
      const products = spread.slice(1).reduce((sum, s, i) => sum + s * (spread[i] ?? 0), 0)
      const squares = spread.reduce((sum, s) => sum + s * s, 0)
      const halfLife = -Math.LN2 / Math.log(products / squares)
      expect(halfLife).toBeGreaterThan(planted.halfLifeBars * 0.5)
      expect(halfLife).toBeLessThan(planted.halfLifeBars * 1.7)
    }
  })

  test('leave their mean by 2.2 deviations in the first 45 minutes of the last session, at least two of them, and return', () => {
    const opensAt = sessions.at(-1)?.opensAt ?? Number.NaN
    const reverted = market.planted.filter((planted) => {
      const rows = spreadOf(planted)
      const spread = rows.map((row) => row.spread)
      const zs = rows.flatMap(({ at }, i) => (at >= opensAt ? [{ minute: (at - opensAt) / 60_000, z: rollingZ(spread, i) }] : []))
      const out = zs.find(({ minute, z }) => minute < 45 && Math.abs(z) >= 2.2)
      return out && zs.some(({ minute, z }) => minute > out.minute && Math.abs(z) < 0.5)
    })
    expect(reverted.length).toBeGreaterThanOrEqual(2)
  })
})

test('GARCH noise has unit variance, and its large moves cluster', () => {
  const noise = garchNoise(randomStream(3, 'noise'), 40_000)
  const squares = noise.map((e) => e * e)
  const mean = squares.reduce((a, b) => a + b, 0) / squares.length
  const lagged = squares.subarray(1).reduce((sum, s, i) => sum + (s - mean) * (squares[i] - mean), 0)
  const variance = squares.reduce((sum, s) => sum + (s - mean) ** 2, 0)
  expect(mean).toBeGreaterThan(0.9)
  expect(mean).toBeLessThan(1.1)
  expect(lagged / variance).toBeGreaterThan(0.1)
})
