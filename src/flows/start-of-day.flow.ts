import type { PairName } from '#domain/pair.ts'
import { ownRunId, startChild } from './child.flow.ts'
import type { HistoryLoaded, HistoryParameters } from './load-history.flow.ts'
import { failuresOf, type Part, requireNone, whatever } from './parts.flow.ts'
import type { PairsParameters, Shortlist } from './prepared-day.ts'
import { type DayParameters, type TrainParameters, trainRunId } from './rehearsal.ts'
import { step } from './step.flow.ts'

/**
 * What has to be done before the screen: nothing where the days are stored, as in a rehearsal. For the day of an account these
 * loads, then the screen in runs of its own.
 */
export type Preparation =
  | { readonly kind: 'stored' }
  | { readonly kind: 'loaded'; readonly history: readonly HistoryParameters[] }

export type StartOfDayParameters = { readonly day: DayParameters; readonly preparation: Preparation }

export type StartOfDaySteps = {
  /** Screens the universe on the sessions before the day. */
  readonly screen: (day: DayParameters) => Promise<Shortlist>
  /** Says which models pass the gates, and why the others do not. */
  readonly promote: (day: DayParameters) => Promise<void>
  /** Opens the day's book where there is none. */
  readonly openBook: (day: DayParameters) => Promise<void>
  /** Tells of a load that brought nothing: the day goes on with what is stored. */
  readonly tellNotLoaded: (day: DayParameters, loaded: HistoryLoaded) => Promise<void>
  /** Tells of pairs whose training failed: the day goes on without them. */
  readonly tellNotTrained: (day: DayParameters, failed: readonly Part[]) => Promise<void>
  /** Keeps that the day is ready for its open, with what was decided for it. */
  readonly ready: (parameters: StartOfDayParameters, screenId: string) => Promise<void>
}

export type StartOfDayFlows = {
  readonly train: (parameters: TrainParameters) => Promise<string | undefined>
  readonly loadHistory: (parameters: HistoryParameters) => Promise<HistoryLoaded>
  readonly identifyPairs: (parameters: PairsParameters) => Promise<Shortlist>
}

/** How often a waiting flow asks whether a pair's training has ended. */
const ASK_EVERY_MS = 100

/** Makes a day ready for its open: load, screen, train pair by pair wherever a worker is free, promote. Answers the screen's id. */
export const startOfDay =
  (steps: StartOfDaySteps, flows: StartOfDayFlows) =>
  async (parameters: StartOfDayParameters): Promise<string> => {
    const { day, preparation } = parameters
    const { screenId, pairs, epochsEach } =
      preparation.kind === 'stored'
        ? await step('screen', () => steps.screen(day))
        : await preparedShortlist({ steps, flows }, parameters, preparation.history)
    const trainings: Training[] = []
    for (const pair of pairs) {
      const training = { day, screenId, pair, maximumEpochs: epochsEach }
      const facts = { pair, day: day.day, book: day.book }
      const run = await startChild(flows.train, { flow: 'train', runId: trainRunId(training), facts }, training)
      trainings.push({ pair, ended: () => run.getResult({ pollingIntervalMs: ASK_EVERY_MS }) })
    }
    // A rehearsal stands for all of its pairs. An account's day does with those that it has, unless it has none.
    if (preparation.kind === 'stored') for (const { ended } of trainings) await ended()
    else await asManyAsCan(steps, day, trainings)
    await step('promote', () => steps.promote(day))
    if (preparation.kind === 'loaded') await step('ready', () => steps.ready(parameters, screenId))
    return screenId
  }

type Training = { readonly pair: PairName; readonly ended: () => Promise<unknown> }

async function asManyAsCan(steps: StartOfDaySteps, day: DayParameters, trainings: readonly Training[]): Promise<void> {
  const parts: Part[] = []
  for (const { pair, ended } of trainings) parts.push(await whatever(pair, ended))
  const failed = failuresOf(parts)
  if (failed.length === trainings.length) requireNone(`the trainings of ${day.day}`, failed)
  if (failed.length > 0) await step('tell-not-trained', () => steps.tellNotTrained(day, failed))
}

type Parts = { readonly steps: StartOfDaySteps; readonly flows: StartOfDayFlows }

async function preparedShortlist(
  { steps, flows }: Parts,
  { day }: StartOfDayParameters,
  history: readonly HistoryParameters[],
): Promise<Shortlist> {
  await step('open-book', () => steps.openBook(day))
  const facts = { day: day.day, book: day.book }
  for (const [i, load] of history.entries()) {
    const run = { flow: 'load-history', runId: `${ownRunId()}-load-history-${i + 1}`, facts } as const
    const loaded = await (await startChild(flows.loadHistory, run, load)).getResult({ pollingIntervalMs: ASK_EVERY_MS })
    if (!loaded.ok) await step('tell-not-loaded', () => steps.tellNotLoaded(day, loaded))
  }
  const run = { flow: 'identify-pairs', runId: `${ownRunId()}-identify-pairs`, facts } as const
  return (await startChild(flows.identifyPairs, run, { day })).getResult({ pollingIntervalMs: ASK_EVERY_MS })
}
