import type { Pool } from 'pg'
import type { Book } from '#domain/book.ts'
import { nextSession, sessionAtInstant } from '#domain/calendar.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { passing } from '#sources/alpaca/timer.ts'
import { type AccountFloor, type AccountFloorDependencies, openAccountFloor, type Seat } from './account-floor.steps.ts'
import { sessionOfDay } from './open-desk.steps.ts'
import { runLog } from './run-log.flow.ts'
import type { Decided, SignalsParameters, SignalsSteps } from './signals.flow.ts'

/** How often, and how long before an open, a process looks whether it has the desk of the day, milliseconds. */
const LOOK_EVERY_MS = 30_000
const AHEAD_MS = 30 * MINUTE_MS

export type SignalsDependencies = AccountFloorDependencies & {
  /** The account's book, whose desk is opened ahead; undefined where no instants are expected here. */
  readonly book: Book | undefined
  /** Told, once each time it begins, why a desk cannot be opened. */
  readonly say: (sentence: string) => void
}

/** The work of `signals` in this process, at the desks that it holds. Another process opens its own, ahead or when a run comes to it. */
export function openSignals(dependencies: SignalsDependencies): {
  readonly steps: SignalsSteps
  readonly close: AccountFloor['close']
} {
  const { sql, timer } = dependencies
  const floor = openAccountFloor(dependencies)
  const closing = new AbortController()
  const preparing = prepareDesks(floor, dependencies, closing.signal)
  const comeTo = async (parameters: SignalsParameters): Promise<number> => {
    await floor.passed(parameters.at)
    const come = await floor.atDesk(parameters, async ({ desk }) => {
      await desk.awaitTick(parameters.at)
      return desk.underWay
    })
    return come.ok ? come.value : 0
  }
  return {
    close: async () => {
      closing.abort()
      await floor.close()
      await preparing
    },
    steps: {
      awaitTick: async (parameters) => {
        await comeTo(parameters)
      },
      decide: async (parameters) => {
        const decided = await floor.atDesk(parameters, (seat) => decide(seat, parameters, { sql, now: timer.now() }))
        return decided.ok ? decided.value : skipped(sql, decided.why.reason, 0)
      },
      execute: async (parameters) => {
        const executed = await floor.atDesk(parameters, async ({ desk }) => {
          await desk.execute(parameters.at)
          return desk.underWay
        })
        return executed.ok ? executed.value : 0
      },
      follow: (parameters, until) => comeTo({ ...parameters, at: until }),
    },
  }
}

async function prepareDesks(floor: AccountFloor, { book, timer, say }: SignalsDependencies, signal: AbortSignal): Promise<void> {
  if (book === undefined) return
  let lastTrouble = ''
  for (; !signal.aborted; await passing(timer, LOOK_EVERY_MS, signal)) {
    const now = timer.now()
    const { date: day, opensAt } = sessionAtInstant(now) ?? nextSession(now)
    if (opensAt - now > AHEAD_MS) continue
    const trouble = await floor.prepare({ book, day }).then(
      () => '',
      (cause: Error) => cause.message,
    )
    if (trouble !== '' && trouble !== lastTrouble && !signal.aborted)
      say(`The desk of ${book} cannot be opened ahead: ${trouble}`)
    lastTrouble = trouble
  }
}

async function decide(
  { desk, parts, isReady }: Seat,
  { day, at }: SignalsParameters,
  { sql, now }: { readonly sql: Pool; readonly now: EpochMs },
): Promise<Decided> {
  const { closesAt } = sessionOfDay(day)
  const intervalMs = parts.day.rules.signals.everyMinutes * MINUTE_MS
  if (now >= at + intervalMs) {
    const reason = `it is ${Math.floor((now - at) / MINUTE_MS)} minutes after the instant, and later ones decide`
    return skipped(sql, reason, desk.underWay)
  }
  if (at >= closesAt) {
    await desk.tellUnclosed(at)
    return { kind: 'decided', signals: 0, underWay: desk.underWay, followUntil: at }
  }
  const underWay = await desk.decide(at)
  await tell(sql, { parts, isReady, underWay })
  // The minute that ends with the next instant is that one's.
  const followUntil = epochMs(Math.min(at + intervalMs - MINUTE_MS, closesAt))
  return { kind: 'decided', signals: parts.models.length, underWay, followUntil }
}

async function tell(sql: Pool, { parts: { day, models }, isReady, underWay }: Omit<Seat, 'desk'> & { underWay: number }) {
  const log = runLog(sql, 'decide')
  const opening = models.filter(({ kind }) => kind === 'usable').length
  const closing = 'nothing is opened, and what is held is left by the models that there are'
  if (!isReady) await log.warn(`${day.day} was not made ready: ${closing}.`)
  else if (opening === 0) await log.warn(`No model of ${day.day} is promoted: ${closing}.`)
  await log.info(`${models.length} signals, ${opening} of them by promoted models; ${underWay} pair orders are under way.`)
}

async function skipped(sql: Pool, reason: string, underWay: number): Promise<Decided> {
  await runLog(sql, 'decide').warn(`Nothing is decided: ${reason}.`)
  return { kind: 'skipped', reason, underWay }
}
