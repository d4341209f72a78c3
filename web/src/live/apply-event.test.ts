import { expect, test } from 'vitest'
import type { HomeView, SignalView } from '../../../src/api/contract.ts'
import { applyEvent } from './apply-event.ts'

const HOME: HomeView = {
  book: null,
  sessions: [],
  alerts: [],
  tape: null,
  figures: null,
  positions: [],
  signals: [],
  lastTick: null,
  orders: [],
  flows: [],
  eventId: 'a-0',
  servedAt: 0,
  equity: [
    { at: 1, equityUsd: '1' },
    { at: 2, equityUsd: '2' },
  ],
}

function signal(id: string, at: number): SignalView {
  return { id, at, pair: 'A-B', kind: 'exit', z: 1, probability: 0.5, confidence: 0.5, reasons: [], verdict: null, refusal: null }
}

test('a mark is added once, and a corrected one replaces what was there', () => {
  const event = {
    kind: 'equity' as const,
    points: [
      { at: 2, equityUsd: '2.5' },
      { at: 3, equityUsd: '3' },
    ],
  }
  const once = applyEvent(HOME, event)
  expect(once.equity.map((point) => point.equityUsd)).toEqual(['1', '2.5', '3'])
  expect(applyEvent(once, event)).toEqual(once)
})

test('signals stay newest first, at most thirty', () => {
  const rows = Array.from({ length: 31 }, (_, i) => signal(`s${i}`, i))
  const { signals } = applyEvent(HOME, { kind: 'signals', rows, lastTick: null })
  expect([signals.length, signals.at(0)?.id, signals.at(-1)?.id]).toEqual([30, 's30', 's1'])
})

test('a beat changes nothing, so that nothing is drawn again', () => {
  expect(applyEvent(HOME, { kind: 'beat', at: 9 })).toBe(HOME)
})
