import type { Pool } from 'pg'
import { z } from 'zod'
import { backtestBook, PAPER } from '#domain/book.ts'
import { nextSession, sessionsBefore } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { PairName } from '#domain/pair.ts'
import { pairNamed } from '#domain/pair.ts'
import { sessionsStored } from '#market/bars.store.ts'
import { epochsEach } from '#models/rules.ts'
import type { Settings } from '#settings/schema.ts'
import { nextBacktestBook } from './books.store.ts'
import type { PlanCircumstances } from './data-plans.steps.ts'
import { accountDay } from './flow-results.store.ts'
import { sessionOfDay } from './open-desk.steps.ts'
import {
  dayField,
  type FlowPlan,
  flowPlan,
  type PlannedRun,
  repeatedRunId,
  sectorName,
  sectorsField,
  tradingDayFrom,
} from './plans.ts'
import { type DayParameters, isOfAccount, type RehearsalParameters, rehearsalRunId, trainRunId } from './rehearsal.ts'
import {
  feedFor,
  planDays,
  planRehearsal,
  RehearsalFields,
  type RehearsalRequest,
  requireActive,
  requireLookback,
  rulesOf,
  symbolsFor,
} from './rehearsal-plan.steps.ts'
import { shortlistingScreen } from './shortlisted.store.ts'

/** Plans of the flows that look at recorded days. */
export function researchPlans(circumstances: PlanCircumstances) {
  return {
    preprocess: screenPlan('preprocess', circumstances),
    'identify-pairs': screenPlan('identify-pairs', circumstances),
    train: trainPlan(circumstances),
    rehearse: rehearsePlan(circumstances),
    backtest: backtestPlan(circumstances),
    'recycler-check': recyclerCheckPlan(circumstances),
  } as const
}

const ScreenFields = z.strictObject({
  day: dayField('The day whose screen it is: the sessions before it are read; the one after the last stored unless given'),
  sectors: sectorsField(),
  feed: z.string().optional().describe('Feed whose bars are read; market.feed unless given'),
})

/** A screen of its own, in a book that is named for its run. */
function screenPlan(flow: 'preprocess' | 'identify-pairs', { sql, settings }: PlanCircumstances): FlowPlan {
  return flowPlan({ flow, request: ScreenFields }, async (asked, _, time) => {
    const wanted = await planDay(sql, asked, settings)
    const parts = [flow, wanted.day, ...(asked.sectors.length === 0 ? [] : [sectorName(asked.sectors)])]
    const runId = repeatedRunId(parts.join('-'), time)
    const day: DayParameters = { ...wanted, book: backtestBook(runId) }
    return { runId, parameters: { day }, facts: factsOf(day) }
  })
}

/**
 * The day that is asked for, or the one after the last stored session, with the symbols that traded before it. Throws a Fault of
 * exit code 2 when there can be none, as planRehearsal does.
 */
export async function planDay(
  sql: Pool,
  { day, sectors, feed: asked }: Pick<z.output<typeof ScreenFields>, 'day' | 'sectors' | 'feed'>,
  settings: Settings,
): Promise<Omit<DayParameters, 'book'>> {
  const feed = await feedFor(sql, asked ?? settings.market.feed)
  const stored = await sessionsStored(sql, { feed, timeframe: '1m' })
  const newest = stored.at(-1)
  if (newest === undefined)
    throw wrongRequest(
      'NOTHING_STORED',
      `The feed '${feed}' has no 1-minute bars within trading hours; import some (spreadworks import FILE).`,
    )
  const date = day === undefined ? nextSession(newest.opensAt).date : tradingDayFrom(day)
  const session = sessionOfDay(date)
  requireLookback(stored, { first: session, needed: settings.pairs.lookbackSessions, feed })
  const activeSectors = settings.sectors.active
  for (const sector of sectors) await requireActive(sql, sector, activeSectors)
  const [before = session] = sessionsBefore(date, 1)
  const symbols = await symbolsFor(sql, { feed, days: [before], sectors, activeSectors })
  const { seed } = settings.rehearsal
  return { day: date, days: [date], symbols, sectors, feed, speed: 'max', seed, rules: rulesOf(settings) }
}

const TrainFields = z.strictObject({
  pair: z.string().optional().describe('The pair, such as XOM-CVX; the best of the day’s screen unless given'),
  day: dayField('The day of the screen that shortlisted it; the newest unless given'),
})

function trainPlan({ sql, settings, book }: PlanCircumstances): FlowPlan {
  return flowPlan({ flow: 'train', request: TrainFields }, async ({ pair, day }, _, time) => {
    const name = pair === undefined ? undefined : requirePair(pair)
    const found = await shortlistingScreen(sql, { pair: name, day: day === undefined ? undefined : tradingDayFrom(day), book })
    if (found === undefined) throw notShortlisted(pair, day)
    const { screenId, y, x, feed } = found
    const runId = repeatedRunId(trainRunId({ day: { book: trainedBook(found.book), day: found.day }, pair: found.pair }), time)
    const ofDay: DayParameters = {
      ...{
        book: isOfAccount(found.book) ? found.book : backtestBook(runId.replaceAll('/', '.')),
        day: found.day,
        days: [found.day],
      },
      ...{ symbols: [y, x], sectors: [], feed, speed: 'max', seed: settings.rehearsal.seed, rules: rulesOf(settings) },
    }
    const maximumEpochs = Math.min(settings.model.maximumEpochs, epochsEach(settings.train.budget, 1))
    const parameters = { day: ofDay, screenId, pair: found.pair, maximumEpochs }
    return { runId, parameters, facts: { ...factsOf(ofDay), pair: found.pair } }
  })
}

/** A pair of a rehearsal's screen is trained beside the rehearsal, under the id that it would have for the paper account. */
function trainedBook(book: DayParameters['book']): DayParameters['book'] {
  return isOfAccount(book) ? book : PAPER
}

function requirePair(text: string): PairName {
  if (pairNamed(text) !== undefined) return text
  throw wrongRequest(
    'FLOW_PARAMETERS_WRONG',
    `The flow train cannot begin with pair "${text}": it must be two tickers, y first, such as XOM-CVX.`,
  )
}

function notShortlisted(pair: string | undefined, day: string | undefined) {
  const whose = pair === undefined ? 'any pair' : pair
  return wrongRequest(
    'PAIR_NOT_SHORTLISTED',
    `No screen${day === undefined ? '' : ` of ${day}`} shortlisted ${whose}, so there is no hedge ratio to train it with; screen the day first (spreadworks flow run identify-pairs).`,
  )
}

function rehearsePlan({ sql, settings }: PlanCircumstances): FlowPlan {
  return flowPlan({ flow: 'rehearse', request: RehearsalFields, code: 'REHEARSAL_PARAMETERS' }, async (asked) =>
    bookRun(await planRehearsal(sql, requestOf(asked), settings)),
  )
}

function backtestPlan({ sql, settings }: PlanCircumstances): FlowPlan {
  const request = RehearsalFields.omit({ speed: true })
  return flowPlan({ flow: 'backtest', request }, async (asked) => {
    const days = await planDays(sql, requestOf({ ...asked, speed: 'max' }), settings)
    return bookRun({ ...days, book: await nextBacktestBook(sql) })
  })
}

const CheckFields = z.strictObject({ day: dayField('The session that is rehearsed again; the last one stored unless given') })

function recyclerCheckPlan({ sql, settings, book }: PlanCircumstances): FlowPlan {
  return flowPlan({ flow: 'recycler-check', request: CheckFields }, async ({ day }, _, time) => {
    const planned = await planDays(sql, requestOf({ day, days: 1, sectors: [], speed: 'max' }), settings)
    const [date] = planned.days
    const decided = book && date && (await accountDay(sql, book, date))
    const runId = repeatedRunId(`recycler-check-${date}`, time)
    // A day of the account is rehearsed as it was decided that morning, whatever the settings say by now.
    const { day: _day, ...again } = { day: date, ...(decided ?? planned) }
    const rehearsal: RehearsalParameters = { ...again, speed: 'max', book: backtestBook(runId) }
    return { runId, parameters: { rehearsal }, facts: { day: date ?? '', feed: rehearsal.feed, book: rehearsal.book } }
  })
}

function bookRun(parameters: RehearsalParameters): PlannedRun {
  const { book, days, feed } = parameters
  return { runId: rehearsalRunId(book), parameters, facts: { book, day: days[0] ?? '', feed, ...sectorFact(parameters) } }
}

type Asked = { [Field in keyof RehearsalRequest]?: RehearsalRequest[Field] | undefined } & Pick<
  RehearsalRequest,
  'days' | 'sectors'
>

function requestOf({ day, days, sectors, speed, seed, feed }: Asked): RehearsalRequest {
  return { day, days, sectors, speed, seed, feed }
}

function factsOf({ day, book, feed, sectors }: DayParameters) {
  return { day, book, feed, ...sectorFact({ sectors }) }
}

function sectorFact({ sectors }: Pick<RehearsalParameters, 'sectors'>) {
  const [sector, ...others] = sectors
  return sector === undefined || others.length > 0 ? {} : { sector }
}
