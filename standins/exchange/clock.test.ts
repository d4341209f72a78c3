import { describe, expect, test } from 'vitest'
import { sessionsBetween } from '#domain/calendar.ts'
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

describe('at full speed', () => {
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
