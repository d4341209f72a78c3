import type { WorkflowHandle } from '@dbos-inc/dbos-sdk'
import type { Feed } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { ownRunId, startChild } from './child.flow.ts'
import type { FlowName } from './flow-names.ts'
import type { HousekeepingParameters } from './housekeeping.flow.ts'
import type { CompaniesParameters, CompanyCounts } from './load-companies.flow.ts'
import type { HistoryLoaded, HistoryParameters } from './load-history.flow.ts'
import type { SymbolsMaintained, SymbolsParameters } from './maintain-symbols.flow.ts'
import { failuresOf, requireNone, whatever } from './parts.flow.ts'
import { step } from './step.flow.ts'

export type EndOfDayParameters = {
  readonly day: SessionDate
  readonly feed: Feed
  readonly symbols: readonly Symbol_[]
  /** The account's book; undefined without an account. */
  readonly book: Book | undefined
  readonly maintenance: SymbolsParameters
  /** Whether companies are asked for. */
  readonly companies: boolean
  /** The daily bars; undefined where no source has any. */
  readonly daily: HistoryParameters | undefined
  readonly housekeeping: HousekeepingParameters
}

export type EndOfDaySteps = {
  /** Holds the day's closes against the second source. */
  readonly checkCloses: (parameters: EndOfDayParameters) => Promise<void>
  /** Keeps the report on the day. */
  readonly report: (parameters: EndOfDayParameters) => Promise<void>
}

export type EndOfDayFlows = {
  readonly maintainSymbols: (parameters: SymbolsParameters) => Promise<SymbolsMaintained>
  readonly loadCompanies: (parameters: CompaniesParameters) => Promise<CompanyCounts>
  readonly loadHistory: (parameters: HistoryParameters) => Promise<HistoryLoaded>
  readonly housekeeping: (parameters: HousekeepingParameters) => Promise<unknown>
}

const ASK_EVERY_MS = 100

/** What follows a session. A part that fails keeps no other from being done; the run then fails, and names it. */
export const endOfDay =
  (steps: EndOfDaySteps, flows: EndOfDayFlows) =>
  async (parameters: EndOfDayParameters): Promise<void> => {
    const { day, symbols, maintenance, companies, daily } = parameters
    const child = <P extends object, R>(flow: FlowName, callable: (parameters: P) => Promise<R>, asked: P) =>
      startChild(callable, { flow, runId: `${ownRunId()}-${flow}`, facts: { day } }, asked)
    const symbolsPart = await whatever('symbols', async () =>
      resultOf(await child('maintain-symbols', flows.maintainSymbols, maintenance)),
    )
    // They may wait for their source, and nothing waits for them.
    const companiesRun = companies ? await child('load-companies', flows.loadCompanies, { symbols }) : undefined
    const parts = [
      symbolsPart,
      await whatever('daily bars', async () => {
        if (daily !== undefined) requireLoaded(await resultOf(await child('load-history', flows.loadHistory, daily)))
      }),
      await whatever('closes', () => step('check-closes', () => steps.checkCloses(parameters))),
      await whatever('report', () => step('report', () => steps.report(parameters))),
      // Asked for and not waited for: what it removes does not matter to the day.
      await whatever('housekeeping', () =>
        startChild(
          flows.housekeeping,
          { flow: 'housekeeping', runId: `housekeeping-${day}`, facts: { day } },
          parameters.housekeeping,
        ),
      ),
      await whatever('companies', async () => companiesRun && resultOf(companiesRun)),
    ]
    requireNone(`end-of-day of ${day}`, failuresOf(parts))
  }

function resultOf<R>(run: WorkflowHandle<R>): Promise<R> {
  return run.getResult({ pollingIntervalMs: ASK_EVERY_MS })
}

function requireLoaded(loaded: HistoryLoaded): void {
  if (!loaded.ok) throw new Error(`no source had them: ${loaded.why.passedOver.map(({ feed }) => feed).join(', ')}`)
}
