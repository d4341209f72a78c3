import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochMs } from '#domain/units.ts'
import { createRateGovernor, type RateTold } from './rate-governor.ts'
import { virtualTimer } from './virtual-timer.client.ts'

const nothing: RateTold = { limit: undefined, remaining: undefined, resetsAt: undefined, refusedForMs: undefined }

/** Sends `requests` of each caller at once; answers who went when, in order. */
async function sent(callers: Readonly<Record<string, number>>, limit: number | undefined, minutes: number) {
  const timer = virtualTimer(epochMs(0))
  const governor = createRateGovernor(timer, limit)
  const log: { caller: string; at: number }[] = []
  for (const [caller, requests] of Object.entries(callers)) {
    for (let i = 0; i < requests; i++) governor.turn(caller).then(() => log.push({ caller, at: timer.now() }))
  }
  await timer.advance(minutes * 60_000)
  return log
}

describe('the rate governor', () => {
  test('never lets more than the limit out in any minute, and wastes little of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 1000 }), async (limit) => {
        const log = await sent({ a: 3 * limit }, limit, 3)
        const busiest = log.map(({ at }, i) => log.slice(i).filter((one) => one.at < at + 60_000).length)
        expect(Math.max(...busiest)).toBeLessThanOrEqual(limit)
        expect(log.length).toBeGreaterThan(2.7 * limit)
      }),
      { numRuns: 10 },
    )
  })

  test('lets callers take turns, however many requests one of them has', async () => {
    const log = await sent({ history: 1000, news: 10, desk: 10 }, 60, 1)
    const served = log.slice(0, 40).map(({ caller }) => caller)
    expect(served.filter((caller) => caller === 'news')).toHaveLength(10)
    expect(served.filter((caller) => caller === 'desk')).toHaveLength(10)
  })

  test('makes nothing wait while no limit is known', async () => {
    expect(await sent({ a: 5000 }, undefined, 0)).toHaveLength(5000)
  })

  test('gives the turn of whoever gives up to the next, and holds nothing for the one that left', async () => {
    const timer = virtualTimer(epochMs(0))
    const governor = createRateGovernor(timer, 20)
    const went: string[] = []
    const leaving = new AbortController()
    await governor.turn('first')
    const left = governor.turn('a', leaving.signal)
    governor.turn('b').then(() => went.push(`b at ${timer.now()}`))
    leaving.abort(new Error('given up'))
    await expect(left).rejects.toThrow('given up')
    await expect(governor.turn('a', leaving.signal)).rejects.toThrow('given up')
    await timer.advance(3_158)
    expect(went).toEqual(['b at 3158'])
  })

  test('keeps to the limit, the spent window and the refusal that answers tell of', async () => {
    const timer = virtualTimer(epochMs(0))
    const governor = createRateGovernor(timer, undefined)
    const times: number[] = []
    const ask = () => governor.turn('a').then(() => times.push(timer.now()))
    governor.heard({ ...nothing, refusedForMs: 7000 })
    ask()
    await timer.advance(7000)
    governor.heard({ ...nothing, limit: 200, remaining: 0, resetsAt: epochMs(30_000) })
    ask()
    await timer.advance(23_000)
    governor.heard({ ...nothing, limit: 200, remaining: 0, resetsAt: epochMs(9e12) })
    ask()
    await timer.advance(60_000)
    expect(times).toEqual([7000, 30_000, 90_000])
  })
})
