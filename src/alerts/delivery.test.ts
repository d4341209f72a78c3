import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochMs } from '#domain/units.ts'
import { type Delivery, nextParcel, waitAfter } from './delivery.ts'
import { messageOf } from './message.ts'

const waiting = (n: number, more: Partial<Delivery> = {}): Delivery => ({
  ...{ id: `d${n}`, what: 'raised', message: undefined, isHeld: false, attempts: 0 },
  alert: {
    id: `a${n}`,
    key: `k${n}`,
    severity: 'warning',
    title: 'T',
    body: 'B',
    at: epochMs(0),
    times: 1,
    lastAt: epochMs(0),
    resolvedAt: undefined,
  },
  ...more,
})
const CALM = { messages: 0, hadDigest: false }

describe('what goes out next', () => {
  test('one by one while that is few enough for a minute, all together when it is not', () => {
    const five = [1, 2, 3, 4, 5].map((n) => waiting(n))
    expect(nextParcel(five, CALM, 5)?.deliveries.map(({ id }) => id)).toEqual(['d1'])
    expect(nextParcel(five, { messages: 1, hadDigest: false }, 5)?.deliveries).toHaveLength(5)
    expect(nextParcel(five, { messages: 2, hadDigest: true }, 5)).toBeUndefined()
    expect(nextParcel([], CALM, 5)).toBeUndefined()
  })

  test('what was tried goes again as it was, whatever has come since', () => {
    const tried = [waiting(3, { message: 'digest-x' }), waiting(4, { message: 'digest-x' })]
    expect(nextParcel([...tried, waiting(5)], { messages: 99, hadDigest: true }, 5)).toEqual({
      id: 'digest-x',
      deliveries: tried,
    })
  })

  test('a digest’s key follows from what is in it, in whatever order', () => {
    const [a, b] = [waiting(1, { isHeld: true }), waiting(2, { isHeld: true })]
    expect(nextParcel([a, b], CALM, 5)?.id).toBe(nextParcel([b, a], CALM, 5)?.id)
  })

  test('however alerts come, a channel is sent at most one message more than the limit in any minute', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(120), { maxLength: 200 }), fc.integer({ min: 1, max: 10 }), (arrivals, most) => {
        const sentAt: { at: number; isDigest: boolean }[] = []
        let queue = arrivals.toSorted((a, b) => a - b)
        for (let second = 0; second < 400; second++) {
          for (;;) {
            const due = queue.filter((at) => at <= second).map((_, n) => waiting(n))
            const recent = sentAt.filter(({ at }) => at > second - 60)
            const parcel = nextParcel(due, { messages: recent.length, hadDigest: recent.some(({ isDigest }) => isDigest) }, most)
            if (parcel === undefined) break
            queue = queue.slice(parcel.deliveries.length)
            sentAt.push({ at: second, isDigest: parcel.id.startsWith('digest-') })
          }
        }
        expect(queue).toEqual([])
        const inMinute = sentAt.map(({ at }) => sentAt.filter((other) => other.at > at - 60 && other.at <= at).length)
        expect(Math.max(0, ...inMinute)).toBeLessThanOrEqual(most + 1)
      }),
      { numRuns: 50 },
    )
  })
})

test('waits double up to an hour, shorter by up to a half, spread over messages and the same for the same try', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 50 }), (id, attempts) => {
      const whole = Math.min(3_600_000, 10_000 * 2 ** (attempts - 1))
      const wait = waitAfter({ id, attempts }, { retryMs: 10_000, askedMs: 0 })
      expect(wait).toBeGreaterThanOrEqual(whole / 2)
      expect(wait).toBeLessThanOrEqual(whole)
      expect(waitAfter({ id, attempts }, { retryMs: 10_000, askedMs: 0 })).toBe(wait)
    }),
  )
  const waits = Array.from({ length: 100 }, (_, n) => waitAfter({ id: `m${n}`, attempts: 1 }, { retryMs: 10_000, askedMs: 0 }))
  expect(new Set(waits).size).toBeGreaterThan(90)
  expect(waitAfter({ id: 'm', attempts: 1 }, { retryMs: 10_000, askedMs: 45_000 })).toBe(45_000)
})

test('a long digest tells every title, and the text of the first twenty', () => {
  const { title, text } = messageOf({ id: 'digest-x', deliveries: Array.from({ length: 30 }, (_, n) => waiting(n)) })
  expect(title).toBe('30 alerts: 30 warning')
  expect(text.match(/\[warning\] T/g)).toHaveLength(30)
  expect(text.match(/^B$/gm)).toHaveLength(20)
})
