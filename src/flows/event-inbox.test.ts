import { expect, test } from 'vitest'
import type { Bar } from '#domain/bars.ts'
import type { TradeUpdate } from '#domain/broker.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import { EventInbox } from './event-inbox.ts'

const at = (minute: number) => epochMs(minute * MINUTE_MS)
const bar = (symbol: string, opened: number): Bar => ({
  symbol: symbol as Symbol_,
  openedAt: at(opened),
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volumeShares: 1,
})
const accepted = (clientOrderId: string, minute: number): TradeUpdate => ({
  kind: 'accepted',
  clientOrderId,
  brokerOrderId: clientOrderId,
  symbol: 'A' as Symbol_,
  side: 'buy',
  at: at(minute),
})

/** What a drain told, in short: minute, ids of updates, symbols of bars. */
function told(inbox: EventInbox, after: number, until: number) {
  return inbox
    .drain(at(after), at(until))
    .map(({ at: minute, updates, bars }) => [minute / MINUTE_MS, updates.map((u) => u.clientOrderId), bars.map((b) => b.symbol)])
}

test('a bar is told at the minute at which it closed, an update at the minute by which it had happened', () => {
  const inbox = new EventInbox()
  inbox.addUpdate(accepted('one', 11))
  inbox.addBars([bar('A', 10), bar('A', 11)])
  expect(told(inbox, 10, 12)).toEqual([
    [11, ['one'], ['A']],
    [12, [], ['A']],
  ])
})

test('the order in which two sockets brought them does not matter', () => {
  const [early, late] = [new EventInbox(), new EventInbox()]
  early.addBars([bar('B', 10), bar('A', 10)])
  early.addUpdate(accepted('one', 11))
  late.addUpdate(accepted('one', 11))
  late.addBars([bar('A', 10)])
  late.addBars([bar('B', 10)])
  expect(told(early, 10, 11)).toEqual(told(late, 10, 11))
})

test('what is of later stays, and what is older than the drain comes with its first minute', () => {
  const inbox = new EventInbox()
  inbox.addBars([bar('A', 12), bar('B', 5)])
  inbox.addUpdate(accepted('old', 9))
  expect(told(inbox, 10, 12)).toEqual([
    [11, ['old'], ['B']],
    [12, [], []],
  ])
  expect(told(inbox, 12, 13)).toEqual([[13, [], ['A']]])
  expect(told(inbox, 13, 13)).toEqual([])
})
