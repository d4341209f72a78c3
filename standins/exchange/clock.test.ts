import { describe, expect, test } from 'vitest'
import { sessionsBetween } from '#domain/calendar.ts'
import { randomStream } from '#domain/random.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { ClockClosed, createClock, type Speed } from './clock.ts'

const SESSIONS = sessionsBetween('2018-03-28' as SessionDate, '2018-03-29' as SessionDate)
const [FIRST, SECOND] = SESSIONS
const NEVER = new AbortController().signal

/** A clock over a replay that only notes where it was sent, on wall time that the test turns by hand. */
function clockFrom(startAt: EpochMs, speed: Speed) {
  let reached = startAt
  let wall = 0
  let timers: { due: number; run: () => void }[] = []
  const visited: EpochMs[] = []
  const clock = createClock({
    replay: {
      reached: () => reached,
      advance: async (to) => {
        await Promise.resolve()
        reached = to
        visited.push(to)
      },
    },
    sessions: SESSIONS,
    speed,
    timer: {
      now: () => wall,
      after: (ms, run) => {
        const timer = { due: wall + ms, run }
        timers.push(timer)
        return () => {
          timers = timers.filter((t) => t !== timer)
        }
      },
    },
  })
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  const pass = async (ms: number) => {
    wall += ms
    const due = timers.filter((t) => t.due <= wall)
    timers = timers.filter((t) => t.due > wall)
    for (const timer of due) timer.run()
    await settled()
  }
  /** Wall time goes by, and the timers are late. */
  const lag = (ms: number) => {
    wall += ms
  }
  return { clock, visited, pass, lag, settled }
}

/** Consumers that sleep, dawdle, leave, come back and hang up at random, some `rounds` times each. */
async function consumersAtRandom(seed: number, rounds: number) {
  const random = randomStream(seed, 'consumers')
  const { clock, settled } = clockFrom(FIRST.opensAt, 'max')
  const dawdle = async () => {
    if (random.uniform() < 0.3) return
    for (let turns = random.below(4); turns > 0; turns--) await (random.uniform() < 0.5 ? Promise.resolve() : settled())
  }
  let most = FIRST.opensAt
  const live = async (consumer: string) => {
    clock.register(consumer)
    for (let round = 0; round < rounds; round++) {
      const gone = new AbortController()
      const until = epochMs(clock.now() + (random.below(8) - 1) * MINUTE_MS)
      const sleeping = clock.sleep(consumer, until, gone.signal)
      const isImpatient = random.uniform() < 0.1
      if (isImpatient) void dawdle().then(() => gone.abort())
      const woken = await sleeping.catch((cause: unknown) => {
        if (!(cause instanceof ClockClosed)) throw cause
        return undefined
      })
      if (!isImpatient) expect(woken).toBeGreaterThanOrEqual(until)
      if (woken !== undefined) expect(woken).toBeGreaterThanOrEqual(most)
      most = epochMs(Math.max(most, woken ?? most))
      await dawdle()
      if (random.uniform() < 0.05) {
        clock.forget(consumer)
        await dawdle()
        clock.register(consumer)
      }
    }
    clock.forget(consumer)
  }
  await Promise.all(['desk', 'stream', 'page'].map(live))
}

describe('at full speed', () => {
  test('nobody is left asleep, whatever consumers do', async () => {
    for (let seed = 1; seed <= 40; seed++) await consumersAtRandom(seed, 40)
  })

  test('who lies down at once until an instant that has been is not made to wait for the others', async () => {
    const { clock, settled } = clockFrom(FIRST.opensAt, 'max')
    const soon = epochMs(FIRST.opensAt + MINUTE_MS)
    for (const consumer of ['desk', 'page']) clock.register(consumer)
    void clock.sleep('page', soon, NEVER)
    let isAwake = false
    void clock
      .sleep('desk', soon, NEVER)
      .then(() => clock.sleep('desk', soon, NEVER))
      .then(() => {
        isAwake = true
      })
    await settled()
    expect(isAwake).toBe(true)
  })

  test('a sleeper that has hung up before it lay down moves nothing', async () => {
    const { clock, visited, settled } = clockFrom(FIRST.opensAt, 'max')
    const sleeping = clock.sleep('gone', epochMs(FIRST.opensAt + MINUTE_MS), AbortSignal.abort())
    await expect(sleeping).rejects.toBeInstanceOf(ClockClosed)
    await settled()
    expect(visited).toEqual([])
  })

  test('moves only when every registered consumer sleeps, and then to the earliest instant', async () => {
    const { clock, visited, settled } = clockFrom(FIRST.opensAt, 'max')
    clock.register('signals')
    clock.register('stream')
    const early = clock.sleep('signals', epochMs(FIRST.opensAt + 5 * MINUTE_MS), NEVER)
    await settled()
    expect(visited).toEqual([])
    void clock.sleep('stream', epochMs(FIRST.opensAt + 7 * MINUTE_MS), NEVER).catch(() => undefined)
    expect(await early).toBe(FIRST.opensAt + 5 * MINUTE_MS)
    await settled()
    expect(clock.now()).toBe(FIRST.opensAt + 5 * MINUTE_MS)
    clock.forget('signals')
    await settled()
    expect(clock.now()).toBe(FIRST.opensAt + 7 * MINUTE_MS)
  })

  test('a sleep into the past returns at once', async () => {
    const { clock } = clockFrom(FIRST.opensAt, 'max')
    expect(await clock.sleep('signals', epochMs(0), NEVER)).toBe(FIRST.opensAt)
  })

  test('a consumer that hangs up holds the clock until it sleeps again', async () => {
    const { clock, visited, settled } = clockFrom(FIRST.opensAt, 'max')
    clock.register('other')
    const gone = new AbortController()
    const slept = clock.sleep('signals', epochMs(FIRST.opensAt + MINUTE_MS), gone.signal)
    gone.abort()
    await expect(slept).rejects.toBeInstanceOf(ClockClosed)
    void clock.sleep('other', epochMs(FIRST.opensAt + MINUTE_MS), NEVER).catch(() => undefined)
    await settled()
    expect(visited).toEqual([])
  })

  test('closing wakes every sleeper with a refusal', async () => {
    const { clock } = clockFrom(FIRST.opensAt, 'max')
    clock.register('other')
    const slept = clock.sleep('signals', epochMs(FIRST.opensAt + MINUTE_MS), NEVER)
    clock.close()
    await expect(slept).rejects.toBeInstanceOf(ClockClosed)
  })
})

describe('at a numbered speed', () => {
  test('keeps its pace within a session from the first sleep, without waiting for anyone', async () => {
    const { clock, pass } = clockFrom(FIRST.opensAt, 60)
    await pass(5_000)
    expect(clock.now()).toBe(FIRST.opensAt)
    clock.register('idle')
    const slept = clock.sleep('signals', epochMs(FIRST.opensAt + 2 * MINUTE_MS), NEVER)
    await pass(500)
    expect(clock.now()).toBe(FIRST.opensAt + 30_000)
    await pass(500)
    await pass(1_000)
    expect(await slept).toBe(FIRST.opensAt + 2 * MINUTE_MS)
  })

  test('never shows a minute that has not happened', async () => {
    const { clock, lag } = clockFrom(FIRST.opensAt, 60)
    clock.start()
    lag(1_500)
    expect(clock.now()).toBe(FIRST.opensAt + MINUTE_MS - 1)
  })

  test('jumps over the night once everyone sleeps, but not past the opening', async () => {
    const { clock, visited, pass, settled } = clockFrom(epochMs(FIRST.closesAt - MINUTE_MS), 60)
    const slept = clock.sleep('signals', epochMs(SECOND.opensAt + MINUTE_MS), NEVER)
    await settled()
    await pass(1_000)
    expect(visited).toEqual([FIRST.closesAt, SECOND.opensAt])
    await pass(1_000)
    expect(await slept).toBe(SECOND.opensAt + MINUTE_MS)
  })

  test('waits at the close for a consumer that is awake', async () => {
    const { clock, visited, pass, settled } = clockFrom(epochMs(FIRST.closesAt - MINUTE_MS), 60)
    clock.register('end-of-day')
    clock.start()
    await settled()
    await pass(5_000)
    await pass(60_000)
    expect(visited).toEqual([FIRST.closesAt])
    void clock.sleep('end-of-day', SECOND.closesAt, NEVER).catch(() => undefined)
    await settled()
    expect(clock.now()).toBe(SECOND.opensAt)
  })

  test('takes another speed while it runs', async () => {
    const { clock, pass } = clockFrom(FIRST.opensAt, 60)
    clock.start()
    await pass(500)
    clock.setSpeed(6)
    await pass(1_000)
    expect(clock.now()).toBe(FIRST.opensAt + 36_000)
    clock.setSpeed('max')
    expect(await clock.sleep('signals', FIRST.closesAt, NEVER)).toBe(FIRST.closesAt)
  })
})
