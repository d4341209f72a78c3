import type { Pool } from 'pg'
import { z } from 'zod'
import { dateInNewYork, lastSessionClosedBy, newYorkInstant, nextSession } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import { type SessionDate, ticksOf } from '#domain/sessions.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { sourceStates } from '#market/source-states.store.ts'
import { collectedSymbols } from '#market/universe.store.ts'
import type { Settings } from '#settings/schema.ts'
import { closedDay, maintenanceOf, type PlanCircumstances } from './data-plans.steps.ts'
import type { EndOfDayParameters } from './end-of-day.flow.ts'
import type { HourlyParameters } from './hourly.flow.ts'
import { housekeepingAt } from './housekeeping.steps.ts'
import type { HistoryParameters } from './load-history.flow.ts'
import type { CollectionParameters } from './market-stream.flow.ts'
import { sessionOfDay } from './open-desk.steps.ts'
import { dayField, type FlowPlan, flowPlan, minuteName, repeatedRunId, sessionAhead, tradingDayFrom } from './plans.ts'
import type { SignalsParameters } from './signals.flow.ts'
import { startOfDayPlan } from './start-of-day-plan.steps.ts'

/** Plans of the flows of a trading day. */
export function dayPlans(circumstances: PlanCircumstances) {
  return {
    'start-of-day': startOfDayPlan(circumstances),
    'market-stream': streamPlan(circumstances),
    signals: signalsPlan(circumstances),
    hourly: hourlyPlan(circumstances),
    'end-of-day': endOfDayPlan(circumstances),
  } as const
}

const Nothing = z.strictObject({})

function streamPlan({ sql, settings, hasKeys, runs }: PlanCircumstances): FlowPlan {
  return flowPlan({ flow: 'market-stream', request: Nothing }, async (_, { at }, time) => {
    if (!hasKeys)
      throw wrongRequest('ALPACA_KEYS_MISSING', 'The market is heard with a key; set ALPACA_API_KEY and ALPACA_SECRET_KEY.')
    const session = sessionAhead(at)
    const runId = repeatedRunId(`market-stream-${session.date}`, time)
    const [running] = await runs.find({ flows: ['market-stream'], states: ['queued', 'running'], limit: 1 })
    if (running !== undefined && running.id !== runId)
      throw wrongRequest(
        'COLLECTOR_RUNNING',
        `The run ${running.id} collects already, and an account has one stream; cancel it first.`,
      )
    const { feed } = settings.alpaca
    const parameters: CollectionParameters = { session, symbols: await collectedSymbols(sql, settings, at), feed }
    return { runId, parameters, facts: { day: session.date, feed } }
  })
}

const SignalsFields = z.strictObject({
  day: dayField('The trading day; the occasion’s unless given'),
  at: z.iso
    .time({ precision: -1, error: 'it must be a time, written as HH:MM' })
    .optional()
    .describe('The instant in New York at which signals are made; the occasion’s unless given'),
})

function signalsPlan({ settings, book }: PlanCircumstances): FlowPlan {
  return flowPlan({ flow: 'signals', request: SignalsFields }, async (asked, occasion, time) => {
    if (book === undefined)
      throw wrongRequest(
        'ACCOUNT_MISSING',
        'Signals are made for an account; set ALPACA_API_KEY and ALPACA_SECRET_KEY, or rehearse.',
      )
    const day = asked.day === undefined ? dateInNewYork(occasion.at) : tradingDayFrom(asked.day)
    const at = asked.at === undefined ? tickOf(day, settings, occasion.at) : newYorkInstant(day, asked.at)
    const parameters: SignalsParameters = { book, day, at }
    return { runId: repeatedRunId(`signals-${book}-${minuteName(at)}`, time), parameters, facts: { book, day } }
  })
}

/** The last tick of the day at or before `at`, or the first. */
function tickOf(day: SessionDate, { signals }: Settings, at: EpochMs): EpochMs {
  const ticks = ticksOf(sessionOfDay(day), signals.everyMinutes)
  return ticks.findLast((tick) => tick <= at) ?? ticks[0] ?? at
}

function hourlyPlan({ sql, settings, book }: PlanCircumstances): FlowPlan {
  return flowPlan({ flow: 'hourly', request: Nothing }, async (_, { at }, time) => {
    const minute = epochMs(at - (at % MINUTE_MS))
    const day = dateInNewYork(minute)
    const symbols = await collectedSymbols(sql, settings, at)
    const parameters: HourlyParameters = { day, at: minute, feed: settings.alpaca.feed, symbols, book }
    const hour = minuteName(minute).slice(0, -2)
    return { runId: repeatedRunId(`hourly-${hour}`, time), parameters, facts: { day } }
  })
}

const EndOfDayFields = z.strictObject({ day: dayField('The trading day that has ended; the last one unless given') })

function endOfDayPlan(circumstances: PlanCircumstances): FlowPlan {
  const { sql, settings, book, hasKeys } = circumstances
  return flowPlan({ flow: 'end-of-day', request: EndOfDayFields }, async (asked, { at }, time) => {
    const day = asked.day === undefined ? closedDay(undefined, at) : tradingDayFrom(asked.day)
    requireClosed(day, at)
    const symbols = await collectedSymbols(sql, settings, at)
    const feed = hasKeys ? settings.alpaca.feed : (settings.market.feed ?? 'yahoo')
    const { opensAt, closesAt } = sessionOfDay(day)
    const daily: HistoryParameters = { symbols, timeframe: '1d', from: opensAt, until: closesAt, feeds: [feed] }
    const parameters: EndOfDayParameters = {
      ...{ day, feed, symbols, book, companies: settings.yahoo.enabled && !(await isOutOfReach(sql, 'yahoo')) },
      maintenance: maintenanceOf(settings, { day: nextSession(opensAt).date, at }),
      // Yahoo's daily bars come with the check of closes.
      daily: hasKeys ? daily : undefined,
      housekeeping: housekeepingAt(at, settings.retention),
    }
    return { runId: repeatedRunId(`end-of-day-${day}`, time), parameters, facts: { day, feed } }
  })
}

/** Whether a source was asked and never answered: without a network nobody has to hear of it every evening. */
async function isOutOfReach(sql: Pool, name: string): Promise<boolean> {
  const state = (await sourceStates(sql)).find(({ source }) => source === name)
  return state !== undefined && state.answeredAt === undefined && state.unavailable !== undefined
}

function requireClosed(day: SessionDate, at: EpochMs): void {
  const last = lastSessionClosedBy(at).date
  if (day > last) throw wrongRequest('DAY_NOT_CLOSED', `The session of ${day} has not closed yet; the last that has is ${last}.`)
}
