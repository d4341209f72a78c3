import { DBOS } from '@dbos-inc/dbos-sdk'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import { type BackupSteps, backup } from './backup.flow.ts'
import { type EndOfDaySteps, endOfDay } from './end-of-day.flow.ts'
import type { FlowCallable } from './engine.client.ts'
import type { FlowName } from './flow-names.ts'
import { type DependencySteps, gated } from './gated.flow.ts'
import { type HourlySteps, hourly } from './hourly.flow.ts'
import { type HousekeepingSteps, housekeeping } from './housekeeping.flow.ts'
import { type IdentifyPairsSteps, identifyPairs } from './identify-pairs.flow.ts'
import { type LoadCompaniesSteps, loadCompanyProfiles } from './load-companies.flow.ts'
import { type LoadHistorySteps, loadHistory } from './load-history.flow.ts'
import { type LoadNewsSteps, loadNewsOfSources } from './load-news.flow.ts'
import { type MaintainSymbolsSteps, maintainListings } from './maintain-symbols.flow.ts'
import { type CollectionParameters, type MarketStreamSteps, marketStream } from './market-stream.flow.ts'
import { type PreprocessSteps, preprocess } from './preprocess.flow.ts'
import { type RecyclerCheckSteps, recyclerCheck } from './recycler-check.flow.ts'
import { type RehearseSteps, rehearse } from './rehearse.flow.ts'
import { type SignalsParameters, type SignalsSteps, signals } from './signals.flow.ts'
import { type StartOfDaySteps, startOfDay } from './start-of-day.flow.ts'
import { type TradingSessionSteps, tradingSession } from './trading-session.flow.ts'
import { type TrainSteps, train } from './train.flow.ts'

export type FlowSteps = {
  readonly train: TrainSteps
  readonly preprocess: PreprocessSteps
  readonly identifyPairs: IdentifyPairsSteps
  readonly startOfDay: StartOfDaySteps
  readonly tradingSession: TradingSessionSteps
  readonly rehearse: RehearseSteps
  readonly recyclerCheck: RecyclerCheckSteps
  readonly loadHistory: LoadHistorySteps
  readonly loadCompanies: LoadCompaniesSteps
  readonly loadNews: LoadNewsSteps
  readonly maintainSymbols: MaintainSymbolsSteps
  readonly marketStream: MarketStreamSteps
  readonly hourly: HourlySteps
  readonly endOfDay: EndOfDaySteps
  readonly housekeeping: HousekeepingSteps
  readonly backup: BackupSteps
  /** Looks at the runs that others come after. */
  readonly dependencies: DependencySteps
  /** Undefined without an account. */
  readonly signals: SignalsSteps | undefined
}

/** What is collected late has its gaps closed, so a stream may begin until the close. */
const STREAM_GATE = {
  flow: 'market-stream',
  termsOf: ({ session }: CollectionParameters) => ({ day: session.date, facts: {}, inTimeUntil: session.closesAt }),
} as const

/** What is decided later is decided about another market. */
const SIGNALS_IN_TIME_MS = 2 * MINUTE_MS

const SIGNALS_GATE = {
  flow: 'signals',
  termsOf: ({ day, book, at }: SignalsParameters) => ({ day, facts: { book }, inTimeUntil: epochMs(at + SIGNALS_IN_TIME_MS) }),
} as const

type Flow<P extends object, R> = (parameters: P) => Promise<R>

/** Makes every flow known to the engine, under its stable name. Once a process, before the engine is opened. */
export function registerFlows(steps: FlowSteps): ReadonlyMap<FlowName, FlowCallable> {
  const known = new Map<FlowName, FlowCallable>()
  const register = <P extends object, R>(name: FlowName, flow: Flow<P, R>): Flow<P, R> => {
    const callable = DBOS.registerWorkflow(flow, { name })
    // Whoever starts a flow by its name hands parameters that its plan has made, so their type is known there and not here.
    known.set(name, callable as FlowCallable)
    return callable
  }
  const data = {
    loadHistory: register('load-history', loadHistory(steps.loadHistory)),
    loadCompanies: register('load-companies', loadCompanyProfiles(steps.loadCompanies)),
    loadNews: register('load-news', loadNewsOfSources(steps.loadNews)),
    maintainSymbols: register('maintain-symbols', maintainListings(steps.maintainSymbols)),
    housekeeping: register('housekeeping', housekeeping(steps.housekeeping)),
  }
  const prepare = register('preprocess', preprocess(steps.preprocess))
  const research = {
    train: register('train', train(steps.train)),
    identifyPairs: register('identify-pairs', identifyPairs(steps.identifyPairs, prepare)),
  }
  const day = {
    startOfDay: register('start-of-day', startOfDay(steps.startOfDay, { ...research, loadHistory: data.loadHistory })),
    tradingSession: register('trading-session', tradingSession(steps.tradingSession)),
  }
  const rehearsal = register('rehearse', rehearse(steps.rehearse, day))
  // A backtest is a rehearsal in a book of another kind: what trades in it is the same.
  register('backtest', rehearse(steps.rehearse, day))
  register('recycler-check', recyclerCheck(steps.recyclerCheck, rehearsal))
  register('market-stream', gated(steps.dependencies, STREAM_GATE, marketStream(steps.marketStream)))
  register('hourly', hourly(steps.hourly, data))
  register('backup', backup(steps.backup))
  register('end-of-day', endOfDay(steps.endOfDay, data))
  if (steps.signals !== undefined) register('signals', gated(steps.dependencies, SIGNALS_GATE, signals(steps.signals)))
  return known
}
