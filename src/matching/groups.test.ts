import { describe, expect, test } from 'vitest'
import {
  afterBar,
  bar,
  close,
  exit,
  fillOf,
  holding,
  KO,
  limit,
  minute,
  offered,
  order,
  placed,
  priced,
  START,
  storyOf,
} from '../../test/calm-market.ts'
import { type Account, openAccount, workingIn, workingOrder } from './account.ts'
import { availableShares } from './availability.ts'
import type { Ticket } from './instruction.ts'
import { cancel } from './match.ts'
import { nanoShares } from './shares.ts'

const takeProfit = exit('take-profit', limit('sell', 10, 105))
const stopLoss = exit('stop-loss', priced('sell', 10, { type: 'stop', stopPrice: 95 }))
const bracket: Ticket = { kind: 'bracket', main: order('buy', 10), exits: [takeProfit, stopLoss] }
const oco: Ticket = { kind: 'oco', main: limit('sell', 10, 105, { clientOrderId: 'main' }), exits: [stopLoss] }
const quiet = { high: 101, low: 99 }

/** The bracket after its main order has filled. */
function woken(): Account {
  return afterBar(placed(openAccount(START), bracket), bar(0)).account
}

describe('a bracket', () => {
  test('wakes its exits when the main order has filled whole; neither meets the bar that filled it', () => {
    const part = afterBar(placed(openAccount(START), bracket), bar(0, { volumeShares: 50 }))
    expect(storyOf(part.events)).toEqual(['fill buy-10'])
    expect(workingIn(part.account, KO).map((o) => o.isHeld)).toEqual([false, true, true])
    const whole = afterBar(part.account, bar(1, { high: 200, low: 1 }))
    expect(storyOf(whole.events)).toEqual(['fill buy-10', 'activated take-profit', 'activated stop-loss'])
  })

  test('takes its profit and lets the stop go, or the other way round', () => {
    const profit = afterBar(woken(), bar(1, { ...quiet, high: 106 }))
    expect(storyOf(profit.events)).toEqual(['fill take-profit', 'cancelled stop-loss'])
    const loss = afterBar(woken(), bar(1, { ...quiet, low: 94 }))
    expect(storyOf(loss.events)).toEqual(['triggered stop-loss', 'fill stop-loss', 'cancelled take-profit'])
    expect(profit.account.positions.size + loss.account.positions.size).toBe(0)
  })

  test('in a bar that reaches both takes the stop, unless the bar opens beyond the profit', () => {
    expect(fillOf(afterBar(woken(), bar(1, { high: 106, low: 94 })).events)?.order.group?.role).toBe('stop-loss')
    expect(fillOf(afterBar(woken(), bar(1, { open: 106, high: 106, low: 94 })).events)?.order.group?.role).toBe('take-profit')
  })

  test('a profit taken in part leaves the stop for the rest', () => {
    const part = afterBar(woken(), bar(1, { ...quiet, high: 106, volumeShares: 40 }))
    expect(storyOf(part.events)).toEqual(['fill take-profit', 'resized stop-loss'])
    expect(workingOrder(part.account, 'stop-loss')?.most).toBe(nanoShares(6))
    const rest = afterBar(part.account, bar(2, { ...quiet, low: 94 }))
    expect(fillOf(rest.events)).toMatchObject({ quantity: nanoShares(6), isComplete: true, position: 0n })
    expect(rest.account.working.size).toBe(0)
  })

  test('cancelled or expired before it began, takes its exits with it; the two exits go together', () => {
    const waiting = placed(openAccount(START), bracket)
    const ended = ['buy-10', 'take-profit', 'stop-loss']
    expect(storyOf(cancel(waiting, 'buy-10', minute(1))?.events ?? [])).toEqual(ended.map((id) => `cancelled ${id}`))
    expect(storyOf(close(waiting).events)).toEqual(ended.map((id) => `expired ${id}`))
    expect(cancel(woken(), 'stop-loss', minute(1))?.account.working.size).toBe(0)
  })

  test('holds each share once, and nothing before it has begun', () => {
    expect(availableShares(woken(), KO)).toBe(0n)
    expect(offered(woken(), order('sell', 1), { at: minute(1) })).toMatchObject({
      why: { kind: 'insufficient-shares', held: 10, available: 0, heldBy: ['take-profit'] },
    })
    expect(availableShares(placed(holding(10), { ...bracket, main: limit('buy', 10, 90) }, { at: minute(1) }), KO)).toBe(
      nanoShares(10),
    )
  })

  test('never sells more than is left when some of it was sold by hand', () => {
    const patient: Ticket = { ...bracket, main: limit('buy', 10, 100.5) }
    const begun = afterBar(placed(openAccount(START), patient), bar(0, { volumeShares: 60 })).account
    const byHand = placed(begun, limit('sell', 6, 150, { clientOrderId: 'by-hand' }), { at: minute(1) })
    const { account } = afterBar(byHand, bar(1, { high: 200 }))
    expect(workingOrder(account, 'stop-loss')?.most).toBe(nanoShares(4))
    expect(afterBar(account, bar(2, { ...quiet, low: 90 })).account.positions.size).toBe(0)
  })
})

describe('one cancels other', () => {
  test('works from the beginning on what is held', () => {
    expect(offered(openAccount(START), oco)).toMatchObject({ why: { kind: 'insufficient-shares' } })
    expect(offered(holding(-10), oco, { at: minute(1) })).toMatchObject({ why: { kind: 'insufficient-shares', available: 0 } })
    const account = placed(holding(10), oco, { at: minute(1) })
    expect(storyOf(afterBar(account, bar(1, { ...quiet, high: 106 })).events)).toEqual(['fill main', 'cancelled stop-loss'])
    expect(storyOf(cancel(account, 'main', minute(1))?.events ?? [])).toEqual(['cancelled main', 'cancelled stop-loss'])
  })
})

test('one triggers other wakes its one exit', () => {
  const oto: Ticket = { kind: 'oto', main: order('buy', 10), exits: [stopLoss] }
  const { account, events } = afterBar(placed(openAccount(START), oto), bar(0))
  expect(storyOf(events)).toEqual(['fill buy-10', 'activated stop-loss'])
  expect(storyOf(afterBar(account, bar(1, { low: 90 })).events)).toEqual(['triggered stop-loss', 'fill stop-loss'])
})
