import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sessionAtInstant, sessionOn, sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, isoFrom, MINUTE_MS } from '#domain/units.ts'
import { proxiedTape } from './proxied-tape.ts'
import { randomWalkTape } from './random-walk.ts'
import { laidOut, laidSessionAt, relaidTape, withSessionsBefore } from './relaid-tape.ts'

const date = (text: string) => text as SessionDate
const RECORDED = sessionsBetween(date('2018-03-27'), date('2018-03-29'))
const TAPE = randomWalkTape(5, ['CVX', 'KO'] as Symbol_[], sessionsBetween(date('2018-03-26'), date('2018-03-29')))
const [DAY] = RECORDED
const everything = { from: epochMs(Date.parse('2020-01-01')), until: epochMs(Date.parse('2021-01-01')) }

describe('sessions laid out', () => {
  const first = sessionOn(date('2020-12-23'))!

  test('follow each other in the calendar, pass after pass', () => {
    const laid = laidOut(RECORDED, { first, passes: 2 })
    expect(laid.map(({ shown, recorded, pass }) => `${shown.date} ${recorded.date} ${pass}`)).toEqual([
      '2020-12-23 2018-03-27 1',
      '2020-12-24 2018-03-28 1',
      '2020-12-28 2018-03-29 1',
      '2020-12-29 2018-03-27 2',
      '2020-12-30 2018-03-28 2',
      '2020-12-31 2018-03-29 2',
    ])
    expect(laidSessionAt(laid, laid[3].shown.opensAt)?.recorded.date).toBe('2018-03-27')
    expect(laidSessionAt(laid, epochMs(Date.parse('2020-12-27T15:00Z')))).toBeUndefined()
  })

  test('end with the calendar when they go on for ever', () => {
    const laid = laidOut(RECORDED, { first: sessionOn(date('2036-12-29'))!, passes: Number.POSITIVE_INFINITY })
    expect(laid.map(({ shown }) => shown.date)).toEqual(['2036-12-29', '2036-12-30', '2036-12-31'])
  })

  test('show every recorded minute in a session, at its distance to the opening, and a half day only until its close', async () => {
    const laid = laidOut(RECORDED, { first, passes: 1 })
    const rows = await relaidTape(TAPE, laid).rowsBetween(everything.from, everything.until)
    expect(rows.openedAt).toHaveLength((390 + 210 + 390) * 2)
    expect([...rows.openedAt].every((at, i) => i === 0 || at >= rows.openedAt[i - 1])).toBe(true)
    expect([...rows.openedAt].every((at) => sessionAtInstant(epochMs(at)) !== undefined)).toBe(true)
    const source = await TAPE.rowsBetween(DAY.opensAt, DAY.closesAt)
    expect(rows.close.slice(0, 780)).toEqual(source.close)
    expect(isoFrom(epochMs(rows.openedAt[0]))).toBe('2020-12-23T14:30:00.000Z')
  })

  test('have the sessions before the recorded ones for a past', async () => {
    const laid = laidOut(RECORDED, { first, passes: 1 })
    const rows = await relaidTape(TAPE, withSessionsBefore(laid, 1)).rowsBetween(everything.from, first.opensAt)
    const source = await TAPE.rowsBetween(epochMs(0), DAY.opensAt)
    expect(rows.close).toEqual(source.close)
    expect(isoFrom(epochMs(rows.openedAt[0])).slice(0, 10)).toBe('2020-12-22')
  })

  test('read the same however the question is cut', async () => {
    const laid = laidOut(RECORDED, { first, passes: 2 })
    const tape = relaidTape(TAPE, withSessionsBefore(laid, 2))
    const whole = await tape.rowsBetween(everything.from, everything.until)
    const span = { min: first.opensAt - 3 * 86_400_000, max: laid[5].shown.closesAt }
    await fc.assert(
      fc.asyncProperty(fc.integer(span), async (cut) => {
        const at = epochMs(cut - (cut % MINUTE_MS))
        const [left, right] = [await tape.rowsBetween(everything.from, at), await tape.rowsBetween(at, everything.until)]
        expect([...left.openedAt, ...right.openedAt]).toEqual([...whole.openedAt])
      }),
      { numRuns: 20 },
    )
  })
})

test('a proxied symbol has the bars of the other, in its own place, and a name that says so', async () => {
  const proxies = new Map([['ED', 'KO']] as [Symbol_, Symbol_][])
  const tape = proxiedTape(TAPE, proxies)
  expect(tape.listings.map(({ symbol }) => symbol)).toEqual(['CVX', 'ED', 'KO'])
  expect(tape.listings[1].name).toBe('ED (bars of KO, KO Inc.)')
  const rows = await tape.rowsBetween(DAY.opensAt, epochMs(DAY.opensAt + 2 * MINUTE_MS))
  const source = await TAPE.rowsBetween(DAY.opensAt, epochMs(DAY.opensAt + 2 * MINUTE_MS))
  expect([...rows.symbolIndex]).toEqual([0, 1, 2, 0, 1, 2])
  expect([rows.close[1], rows.close[2], rows.close[4]]).toEqual([source.close[1], source.close[1], source.close[3]])
  expect(rows.openedAt[3]).toBe(DAY.opensAt + MINUTE_MS)
})
