import { type Session, sessionAt } from '#domain/sessions.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { beforeClose, nextSessionAfter } from './hours.ts'
import type { Replay } from './replay.ts'

/** Times real time, or `max`: as fast as the consumers let it. */
export type Speed = number | 'max'

/** Wall time, handed in. `after` returns what takes the timer back. */
export type WallTimer = { readonly now: () => number; readonly after: (ms: number, run: () => void) => () => void }

type ClockState = 'idle' | 'running' | 'waiting' | 'failed'

/** The replayed clock: who sleeps until when, and how far the replay may go. */
export type ReplayClock = {
  readonly now: () => EpochMs
  readonly speed: () => Speed
  readonly state: () => ClockState
  readonly consumers: () => readonly string[]
  readonly register: (consumer: string) => void
  readonly forget: (consumer: string) => void
  /** Resolves with the instant shown when the clock has reached `until`. Rejects when the clock closes or `signal` fires. */
  readonly sleep: (consumer: string, until: EpochMs, signal: AbortSignal) => Promise<EpochMs>
  /** Lets a clock with a numbered speed run before anyone sleeps. */
  readonly start: () => void
  readonly setSpeed: (speed: Speed) => void
  readonly close: () => void
}

/** Why a sleeper was woken without its instant being reached. */
export class ClockClosed extends Error {}

type Sleeper = {
  readonly consumer: string
  readonly until: EpochMs
  readonly wake: (now: EpochMs) => void
  readonly fail: (cause: unknown) => void
}

export type ClockTerms = {
  readonly replay: Replay
  readonly sessions: readonly Session[]
  readonly speed: Speed
  readonly timer: WallTimer
}

/**
 * At `max` the clock moves only when every registered consumer sleeps, to the earliest instant anyone waits for. At a
 * number it keeps that pace within sessions, from the first sleep or start; outside them nothing trades, so it jumps as
 * at `max`, but no further than the next opening, and without consumers it waits for nobody.
 */
export function createClock({ replay, sessions, timer, speed: initialSpeed }: ClockTerms): ReplayClock {
  const consumers = new Set<string>()
  let sleepers: readonly Sleeper[] = []
  let speed = initialSpeed
  let isStarted = false
  let isMoving = false
  let isClosed = false
  let failure: unknown
  let anchor = { wall: timer.now(), at: replay.reached() }
  let cancelTimer: () => void = () => undefined

  const paced = (): EpochMs => {
    const reached = replay.reached()
    if (speed === 'max' || !isStarted || !sessionAt(sessions, reached)) return reached
    return epochMs(Math.max(reached, Math.floor(anchor.at + (timer.now() - anchor.wall) * speed)))
  }
  // The clock never shows an instant of which something has not happened yet.
  const now = (): EpochMs => epochMs(Math.min(paced(), nextMinute(replay.reached()) - 1))
  const anchorHere = (at: EpochMs) => {
    anchor = { wall: timer.now(), at }
  }
  const earliestSleep = () => sleepers.reduce((least, s) => Math.min(least, s.until), Number.POSITIVE_INFINITY)
  const everyoneSleeps = () => [...consumers].every((c) => sleepers.some((s) => s.consumer === c))

  /** Where to go at once; undefined when something must come first: a sleeper, or time. */
  const target = (): EpochMs | undefined => {
    const reached = replay.reached()
    const earliest = earliestSleep()
    if (speed === 'max') return sleepers.length > 0 && everyoneSleeps() ? epochMs(Math.max(reached, earliest)) : undefined
    if (!isStarted) return undefined
    if (sessionAt(sessions, reached)) {
      const due = paced()
      return due >= Math.min(nextMinute(reached), earliest) ? beforeClose(sessions, reached, due) : undefined
    }
    if (consumers.size > 0 && !(sleepers.length > 0 && everyoneSleeps())) return undefined
    const opening = nextSessionAfter(sessions, reached)?.opensAt ?? Number.POSITIVE_INFINITY
    const next = Math.min(earliest, opening)
    return Number.isFinite(next) ? epochMs(Math.max(reached, next)) : undefined
  }
  const wake = () => {
    const reached = replay.reached()
    const due = sleepers.filter((s) => s.until <= reached)
    sleepers = sleepers.filter((s) => s.until > reached)
    for (const sleeper of due) sleeper.wake(reached)
  }
  const failAll = (cause: unknown) => {
    const failed = sleepers
    sleepers = []
    for (const sleeper of failed) sleeper.fail(cause)
  }
  const schedule = () => {
    cancelTimer()
    const reached = replay.reached()
    if (isClosed || !isStarted || speed === 'max' || !sessionAt(sessions, reached)) return
    const next = Math.min(nextMinute(reached), Math.max(earliestSleep(), reached))
    cancelTimer = timer.after(Math.max(0, (next - paced()) / speed), move)
  }
  const run = async () => {
    for (let to = target(); to !== undefined && !isClosed; to = target()) {
      const wasTrading = sessionAt(sessions, replay.reached()) !== undefined
      await replay.advance(to)
      if (!wasTrading) anchorHere(to)
      wake()
    }
  }
  const move = () => {
    if (isMoving || isClosed || failure) return
    isMoving = true
    run().then(
      () => {
        isMoving = false
        // Someone may have gone to sleep since the last look, even until an instant that has been.
        wake()
        if (target() === undefined) schedule()
        else move()
      },
      (cause: unknown) => {
        isMoving = false
        failure = cause
        failAll(cause)
      },
    )
  }
  const start = () => {
    if (!isStarted) {
      isStarted = true
      anchorHere(replay.reached())
    }
    move()
  }
  const sleep: ReplayClock['sleep'] = (consumer, until, signal) =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(new ClockClosed('the exchange is closing'))
      if (failure) return reject(failure)
      // Whoever has gone already would be a sleeper that nobody takes back, and the clock would move on for it.
      if (signal.aborted) return reject(new ClockClosed('the sleeper has gone'))
      consumers.add(consumer)
      const reached = replay.reached()
      if (until <= reached && !isMoving) return resolve(now())
      const sleeper: Sleeper = { consumer, until, wake: resolve, fail: reject }
      sleepers = [...sleepers, sleeper]
      signal.addEventListener('abort', () => {
        sleepers = sleepers.filter((s) => s !== sleeper)
        reject(new ClockClosed('the sleeper has gone'))
      })
      start()
    })
  return {
    now,
    speed: () => speed,
    state: () => {
      if (failure) return 'failed'
      if (!isStarted) return 'idle'
      return isMoving || (speed !== 'max' && sessionAt(sessions, replay.reached())) ? 'running' : 'waiting'
    },
    consumers: () => [...consumers],
    register: (consumer) => {
      consumers.add(consumer)
    },
    forget: (consumer) => {
      consumers.delete(consumer)
      const gone = sleepers.filter((s) => s.consumer === consumer)
      sleepers = sleepers.filter((s) => s.consumer !== consumer)
      for (const sleeper of gone) sleeper.fail(new ClockClosed('the consumer was signed off'))
      move()
    },
    sleep,
    start,
    setSpeed: (next) => {
      const at = now()
      speed = next
      anchorHere(at)
      cancelTimer()
      move()
    },
    close: () => {
      isClosed = true
      cancelTimer()
      failAll(new ClockClosed('the exchange is closing'))
    },
  }
}

/** The first full minute after `at`: bars close on full minutes. */
function nextMinute(at: EpochMs): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS + MINUTE_MS
}
