import { describe, expect, test } from 'vitest'
import { afterBar, bar, fillOf, holding, KO, minute, offered, placed, priced, START, storyOf } from '../../test/calm-market.ts'
import { openAccount, workingIn } from './account.ts'

const stop = (side: 'buy' | 'sell', stopPrice: number) => priced(side, 10, { type: 'stop', stopPrice })
const stopLimit = (side: 'buy' | 'sell', stopPrice: number, limitPrice: number) =>
  priced(side, 10, { type: 'stop_limit', stopPrice, limitPrice })
const next = { at: minute(1) }

describe('a stop', () => {
  test('waits until the bar trades at it, then pays the stop with the costs of the market', () => {
    const waiting = placed(openAccount(START), stop('buy', 102))
    expect(afterBar(waiting, bar(0, { high: 101.99 })).events).toEqual([])
    const { events } = afterBar(waiting, bar(0, { high: 102 }))
    expect(storyOf(events)).toEqual(['triggered buy-10', 'fill buy-10'])
    expect(fillOf(events)?.price).toBe(102.0153)
  })

  test('gets the opening when the market opens beyond it', () => {
    const waiting = placed(holding(10), stop('sell', 98), next)
    expect(fillOf(afterBar(waiting, bar(1, { open: 95, high: 95, low: 94 })).events)?.price).toBe(94.9857)
  })

  test('goes on at the market once it was reached, wherever the price is by then', () => {
    const reached = afterBar(placed(openAccount(START), stop('buy', 102)), bar(0, { high: 102, volumeShares: 50 }))
    expect(fillOf(reached.events)).toMatchObject({ isComplete: false })
    const { events } = afterBar(reached.account, bar(1, { open: 90, high: 91 }))
    expect(storyOf(events)).toEqual(['fill buy-10'])
    expect(fillOf(events)?.price).toBe(90.0135)
  })

  test('is not reached in a halt', () => {
    const waiting = placed(openAccount(START), stop('buy', 102))
    const halted = afterBar(waiting, bar(0, { high: 110 }), { isHalted: true })
    expect(halted.events).toEqual([])
    expect(workingIn(halted.account, KO)[0].trigger).toEqual({ kind: 'armed', stopPrice: 102 })
  })
})

describe('a stop with a limit', () => {
  test('becomes a limit order when it is reached; the bar that reached it executes it at the stop or not at all', () => {
    const waiting = placed(openAccount(START), stopLimit('buy', 102, 102.01))
    const reached = afterBar(waiting, bar(0, { high: 103, low: 95 }))
    expect(storyOf(reached.events)).toEqual(['triggered buy-10'])
    expect(fillOf(afterBar(reached.account, bar(1, { open: 103, high: 104, low: 102 })).events)?.price).toBe(102.01)
  })

  test('executes in the bar that reaches it when the limit allows the costs', () => {
    const waiting = placed(openAccount(START), stopLimit('buy', 102, 102.5))
    expect(fillOf(afterBar(waiting, bar(0, { high: 103 })).events)?.price).toBe(102.0153)
  })
})

describe('a trailing stop', () => {
  const trailing = priced('sell', 10, { type: 'trailing_stop', trail: { kind: 'price', usd: 2 } })

  test('follows the best price and never comes back', () => {
    let account = placed(holding(10), trailing, next)
    expect(workingIn(account, KO)[0].trigger).toEqual({ kind: 'trailing', mark: 100, stopPrice: 98 })
    account = afterBar(account, bar(1, { high: 105, low: 99 })).account
    expect(workingIn(account, KO)[0].trigger).toEqual({ kind: 'trailing', mark: 105, stopPrice: 103 })
    account = afterBar(account, bar(2, { open: 104, high: 104, low: 103.5 })).account
    expect(workingIn(account, KO)[0].trigger).toEqual({ kind: 'trailing', mark: 105, stopPrice: 103 })
    const { events } = afterBar(account, bar(3, { open: 104, high: 104, low: 103 }))
    expect(storyOf(events)).toEqual(['triggered sell-10', 'fill sell-10'])
    expect(fillOf(events)?.price).toBe(102.9845)
  })

  test('follows the opening before it is compared, and the high only afterwards', () => {
    const account = placed(holding(10), trailing, next)
    // From a mark of 100 the low of 99 is harmless; from the high of 105 it would not be.
    expect(afterBar(account, bar(1, { open: 100, high: 105, low: 99 })).events).toEqual([])
    expect(storyOf(afterBar(account, bar(1, { open: 103, high: 103, low: 101 })).events)).toEqual([
      'triggered sell-10',
      'fill sell-10',
    ])
  })

  test('of a buy follows the lowest price by a percentage', () => {
    const percent = priced('buy', 10, { type: 'trailing_stop', trail: { kind: 'percent', percent: 5 } })
    const account = afterBar(placed(openAccount(START), percent), bar(0, { high: 100, low: 80 })).account
    expect(workingIn(account, KO)[0].trigger).toEqual({ kind: 'trailing', mark: 80, stopPrice: 84 })
  })

  test('needs a price to begin with', () => {
    expect(offered(openAccount(START), trailing, { priceOf: () => undefined })).toMatchObject({ why: { kind: 'no-price' } })
  })
})
