import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instantFrom, isoFrom, MINUTE_MS } from '#domain/units.ts'
import { type BarSize, barSizeFrom, hasClosed, stamper } from './timeframe.ts'

const sizeOf = (text: string): BarSize => {
  const size = barSizeFrom(text)
  if (!size) throw new Error(`no timeframe: ${text}`)
  return size
}
const stampOf = (text: string, at: string) => isoFrom(instantFrom(new Date(stamper(sizeOf(text))(Date.parse(at))).toISOString()))

test('the grammar is taken whole, and nothing beside it', () => {
  const offered = ['1Min', '59T', '1Hour', '23H', '1Day', '1D', '1Week', '1W', '1Month', '12M', '6Month']
  const refused = ['0Min', '60Min', '24Hour', '2Day', '2Week', '5Month', 'Day', '1min', '1 Min', '', '1.5Min', '01Min']
  expect(offered.filter((text) => barSizeFrom(text) === undefined)).toEqual([])
  expect(refused.filter((text) => barSizeFrom(text) !== undefined)).toEqual([])
})

describe('a bar is stamped', () => {
  test.each([
    ['1Min', '2018-03-28T13:30:59.999Z', '2018-03-28T13:30:00.000Z'],
    ['7Min', '2018-03-28T13:30:00Z', '2018-03-28T13:27:00.000Z'],
    ['4Hour', '2018-03-28T13:30:00Z', '2018-03-28T12:00:00.000Z'],
    ['4Hour', '2018-02-28T14:30:00Z', '2018-02-28T13:00:00.000Z'],
    ['1Day', '2018-03-28T13:30:00Z', '2018-03-28T04:00:00.000Z'],
    ['1Day', '2018-03-29T00:30:00Z', '2018-03-28T04:00:00.000Z'],
    ['1Week', '2018-03-28T13:30:00Z', '2018-03-26T04:00:00.000Z'],
    ['1Week', '2018-03-12T13:30:00Z', '2018-03-12T04:00:00.000Z'],
    ['1Month', '2018-03-28T13:30:00Z', '2018-03-01T05:00:00.000Z'],
    ['3Month', '2018-06-28T13:30:00Z', '2018-04-01T04:00:00.000Z'],
    ['12Month', '2018-06-28T13:30:00Z', '2018-01-01T05:00:00.000Z'],
  ])('%s at %s: %s, on the clocks of New York', (text, at, stamp) => {
    expect(stampOf(text, at)).toBe(stamp)
  })

  test('no later than what it holds, and what it holds shares its stamp', () => {
    const span = { min: Date.parse('2018-01-01'), max: Date.parse('2019-01-01') }
    fc.assert(
      fc.property(fc.constantFrom('5Min', '13Min', '3Hour', '1Day', '1Week', '2Month'), fc.integer(span), (text, at) => {
        const of = stamper(sizeOf(text))
        expect(of(at)).toBeLessThanOrEqual(at)
        expect(of(of(at))).toBe(of(at))
      }),
    )
  })
})

describe('a bar has closed', () => {
  const closed = (text: string, stamp: string, now: string) => hasClosed(Date.parse(stamp), instantFrom(now), sizeOf(text))
  const edge = (text: string, stamp: string, closes: string) => {
    const before = new Date(Date.parse(closes) - 1).toISOString()
    return [closed(text, stamp, before), closed(text, stamp, closes)]
  }
  test.each([
    ['5Min', '2018-03-28T13:30:00Z', '2018-03-28T13:35:00Z'],
    ['1Day', '2018-03-28T04:00:00Z', '2018-03-28T20:00:00Z'],
    ['1Day', '2018-07-03T04:00:00Z', '2018-07-03T17:00:00Z'],
    // Good Friday: the week ends on Thursday, and with it the month.
    ['1Week', '2018-03-26T04:00:00Z', '2018-03-29T20:00:00Z'],
    ['1Month', '2018-03-01T05:00:00Z', '2018-03-29T20:00:00Z'],
    ['3Month', '2018-01-01T05:00:00Z', '2018-03-29T20:00:00Z'],
  ])('%s of %s at %s and not a moment earlier', (text, stamp, closes) => {
    expect(edge(text, stamp, closes)).toEqual([false, true])
  })

  test('on a day without a session when the day is over', () => {
    expect(edge('1Day', '2018-03-31T04:00:00Z', '2018-04-01T04:00:00Z')).toEqual([false, true])
  })

  test('is a minute long when it is a minute bar', () => {
    expect(hasClosed(0, instantFrom(new Date(MINUTE_MS).toISOString()), sizeOf('1Min'))).toBe(true)
  })
})
