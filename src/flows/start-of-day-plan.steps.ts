import { z } from 'zod'
import { backtestBook } from '#domain/book.ts'
import { sessionsBefore } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import { sessionsStored } from '#market/bars.store.ts'
import { collectedSymbols, universeOf } from '#market/universe.store.ts'
import type { PlanCircumstances } from './data-plans.steps.ts'
import type { HistoryParameters } from './load-history.flow.ts'
import { dayField, type FlowPlan, flowPlan, repeatedRunId, sectorsField, sessionAhead, tradingDayFrom } from './plans.ts'
import type { DayParameters } from './rehearsal.ts'
import { requireActive, rulesOf, sectorSymbols } from './rehearsal-plan.steps.ts'
import { planDay } from './research-plans.steps.ts'
import type { StartOfDayParameters } from './start-of-day.flow.ts'

const StartOfDayFields = z.strictObject({
  day: dayField('The day that is made ready; today until its close, then the next trading day, unless given'),
  sectors: sectorsField(),
})

/** Of the account's day; without an account of the day after the last stored one, in a book of its own and without a load. */
export function startOfDayPlan(circumstances: PlanCircumstances): FlowPlan {
  const { sql, settings, book } = circumstances
  return flowPlan({ flow: 'start-of-day', request: StartOfDayFields }, async ({ day, sectors }, { at }, time) => {
    if (book === undefined) {
      const wanted = await planDay(sql, { day, sectors, feed: undefined }, settings)
      const runId = repeatedRunId(`start-of-day-${wanted.day}`, time)
      const ofDay: DayParameters = { ...wanted, book: backtestBook(runId) }
      return planned(runId, { day: ofDay, preparation: { kind: 'loaded', history: [] } })
    }
    const date = day === undefined ? sessionAhead(at).date : tradingDayFrom(day)
    const ofDay: DayParameters = { ...(await accountDayParameters(circumstances, { date, sectors, at })), book }
    const history = await missingHistory(circumstances, ofDay)
    const runId = repeatedRunId(`start-of-day-${date}`, time)
    return planned(runId, { day: ofDay, preparation: { kind: 'loaded', history } })
  })
}

function planned(runId: string, parameters: StartOfDayParameters) {
  const { day, book, feed } = parameters.day
  return { runId, parameters, facts: { day, book, feed } }
}

async function accountDayParameters(
  { sql, settings }: PlanCircumstances,
  { date, sectors, at }: { readonly date: SessionDate; readonly sectors: readonly string[]; readonly at: EpochMs },
): Promise<Omit<DayParameters, 'book'>> {
  const {
    sectors: { active },
    alpaca,
    rehearsal,
  } = settings
  for (const sector of sectors) await requireActive(sql, sector, active)
  const named = new Set((await Promise.all(sectors.map((sector) => sectorSymbols(sql, sector)))).flat())
  const collected = await collectedSymbols(sql, settings, at)
  const { open } = await universeOf(sql, collected, { activeSectors: active, at })
  const symbols = open.filter((symbol) => sectors.length === 0 || named.has(symbol))
  if (symbols.length < 2)
    throw wrongRequest(
      'TOO_FEW_SYMBOLS',
      `A day needs two symbols at least that take new entries; there are ${symbols.length} (spreadworks symbols list).`,
    )
  const rest = { feed: alpaca.feed, speed: 'max', seed: rehearsal.seed, rules: rulesOf(settings) } as const
  return { day: date, days: [date], symbols, sectors, ...rest }
}

/** From the first session of the look-back of which nothing is stored; at least the last one, whose ends may be missing. */
async function missingHistory(
  { sql }: PlanCircumstances,
  { day, symbols, feed, rules }: DayParameters,
): Promise<readonly HistoryParameters[]> {
  const sessions = sessionsBefore(day, rules.pairs.lookbackSessions)
  const stored = new Set((await sessionsStored(sql, { feed, timeframe: '1m' })).map(({ date }) => date))
  const last = sessions.at(-1)
  const first = sessions.find(({ date }) => !stored.has(date)) ?? last
  if (first === undefined || last === undefined) return []
  return [{ symbols, timeframe: '1m', from: first.opensAt, until: last.closesAt, feeds: [feed] }]
}
