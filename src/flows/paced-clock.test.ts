import { expect, test } from 'vitest'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { pacedClock } from './paced-clock.ts'

function scene(speed: number | 'max') {
  let [shown, wallMs] = [epochMs(0), 1_000]
  const waits: number[] = []
  const clock = {
    now: async () => shown,
    sleepUntil: async (at: EpochMs) => {
      shown = at
      return at
    },
  }
  const wait = async (ms: number) => {
    waits.push(ms)
    wallMs += ms
  }
  const work = (ms: number) => {
    wallMs += ms
  }
  return { waits, work, paced: pacedClock(clock, speed, { now: () => wallMs, wait }) }
}

test('a minute at sixty times takes a second, work included', async () => {
  const { paced, waits, work } = scene(60)
  expect(await paced.sleepUntil(epochMs(60_000))).toBe(60_000)
  work(300)
  await paced.sleepUntil(epochMs(120_000))
  expect(waits).toEqual([1000, 700])
})

test('time that was lost is not caught up with', async () => {
  const { paced, waits, work } = scene(60)
  await paced.sleepUntil(epochMs(60_000))
  work(5_000)
  await paced.sleepUntil(epochMs(120_000))
  await paced.sleepUntil(epochMs(180_000))
  expect(waits).toEqual([1000, 0, 1000])
})

test('full speed waits for nothing', async () => {
  const { paced, waits } = scene('max')
  await paced.sleepUntil(epochMs(60_000))
  expect(waits).toEqual([])
})
