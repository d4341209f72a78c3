import { describe, expect, test } from 'vitest'
import {
  afterBar,
  bar,
  exit,
  fillOf,
  holding,
  KO,
  limit,
  minute,
  order,
  placed,
  priced,
  START,
  terms,
} from '../../test/calm-market.ts'
import { type Account, openAccount, workingIn, workingOrder } from './account.ts'
import { buyingPower } from './margin.ts'
import { cancel } from './match.ts'
import { type Change, replace } from './replace.ts'
import { nanoShares } from './shares.ts'

const NOTHING: Change = {
  clientOrderId: 'after',
  shares: undefined,
  limitPrice: undefined,
  stopPrice: undefined,
  trail: undefined,
  timeInForce: undefined,
}
const replaced = (account: Account, id: string, change: Partial<Change>) =>
  replace(account, id, { ...terms({ at: minute(1) }), change: { ...NOTHING, ...change } })
function changedTo(account: Account, id: string, change: Partial<Change>): Account {
  const outcome = replaced(account, id, change)
  if (!outcome.ok) throw new Error(`refused: ${outcome.why.kind}`)
  return outcome.value.account
}
/** 4 of 10 filled at the limit of 100.5. */
const partly = () => afterBar(placed(openAccount(START), limit('buy', 10, 100.5)), bar(0, { volumeShares: 40 })).account

describe('an order that replaces another', () => {
  test('counts what has filled: of 7 after 4, 3 go on', () => {
    const account = changedTo(partly(), 'buy-10', { shares: nanoShares(7) })
    expect(workingIn(account, KO)).toHaveLength(1)
    const { account: done, events } = afterBar(account, bar(1))
    expect(fillOf(events)).toMatchObject({ quantity: nanoShares(3), isComplete: true, position: nanoShares(7) })
    expect(done.working.size).toBe(0)
  })

  test('keeps the quantity when only the price changes, and never fills more than it', () => {
    const account = changedTo(partly(), 'buy-10', { limitPrice: 101 })
    expect(fillOf(afterBar(account, bar(1)).events)).toMatchObject({ quantity: nanoShares(6), position: nanoShares(10) })
  })

  test('must leave something to fill', () => {
    expect(replaced(partly(), 'buy-10', { shares: nanoShares(4) })).toMatchObject({ why: { kind: 'nothing-left', filled: 4 } })
    expect(replaced(partly(), 'gone', { shares: nanoShares(9) })).toMatchObject({ why: { kind: 'not-working' } })
  })

  test('cannot be had once the order is gone: whichever of a fill and a cancel came first has won', () => {
    const filled = afterBar(partly(), bar(1)).account
    expect(cancel(filled, 'buy-10', minute(2))).toBeUndefined()
    const cancelled = cancel(partly(), 'buy-10', minute(1))
    expect(cancelled && afterBar(cancelled.account, bar(1)).events).toEqual([])
  })

  test('needs buying power for what it adds alone, and shares likewise', () => {
    const busy = placed(openAccount(START), limit('buy', 1_900, 100))
    expect(buyingPower(changedTo(busy, 'buy-1900', { shares: nanoShares(2_000) }), terms()).available).toBe(0)
    expect(replaced(busy, 'buy-1900', { shares: nanoShares(2_001) })).toMatchObject({
      why: { kind: 'insufficient-buying-power' },
    })
    const leaving = placed(holding(10), limit('sell', 6, 120), { at: minute(1) })
    expect(replaced(leaving, 'sell-6', { shares: nanoShares(10) }).ok).toBe(true)
    expect(replaced(leaving, 'sell-6', { shares: nanoShares(11) })).toMatchObject({ why: { kind: 'insufficient-shares' } })
  })

  test('keeps the mark of a trailing stop and takes the new distance', () => {
    const trailing = priced('sell', 10, { type: 'trailing_stop', trail: { kind: 'price', usd: 5 } })
    const raised = afterBar(placed(holding(10), trailing, { at: minute(1) }), bar(1, { high: 110 })).account
    const [order] = workingIn(changedTo(raised, 'sell-10', { trail: 2 }), KO)
    expect(order.trigger).toEqual({ kind: 'trailing', mark: 110, stopPrice: 108 })
  })

  test('stays in its group: an exit moves its price, not its quantity', () => {
    const exits = [
      exit('take-profit', limit('sell', 10, 105)),
      exit('stop-loss', priced('sell', 10, { type: 'stop', stopPrice: 95 })),
    ] as const
    const account = afterBar(placed(openAccount(START), { kind: 'bracket', main: order('buy', 10), exits }), bar(0)).account
    expect(replaced(account, 'stop-loss', { shares: nanoShares(5) })).toMatchObject({
      why: { kind: 'amount-fixed', because: 'group' },
    })
    const moved = changedTo(account, 'stop-loss', { stopPrice: 98 })
    expect(workingOrder(moved, 'after')?.trigger).toEqual({ kind: 'armed', stopPrice: 98 })
    expect(afterBar(moved, bar(1, { low: 97 })).account.working.size).toBe(0)
  })
})
