import { DBOS } from '@dbos-inc/dbos-sdk'
import type { FlowCallable } from './engine.client.ts'
import type { FlowName } from './flow-names.ts'
import { type LoadHistorySteps, loadHistory } from './load-history.flow.ts'
import { type MarketStreamSteps, marketStream } from './market-stream.flow.ts'
import { type RehearseSteps, rehearse } from './rehearse.flow.ts'
import { type StartOfDaySteps, startOfDay } from './start-of-day.flow.ts'
import { type TradingSessionSteps, tradingSession } from './trading-session.flow.ts'
import { type TrainSteps, train } from './train.flow.ts'

export type FlowSteps = {
  readonly train: TrainSteps
  readonly startOfDay: StartOfDaySteps
  readonly tradingSession: TradingSessionSteps
  readonly rehearse: RehearseSteps
  readonly loadHistory: LoadHistorySteps
  readonly marketStream: MarketStreamSteps
}

/** Makes every flow known to the engine, under its stable name. Once a process, before the engine is opened. */
export function registerFlows(steps: FlowSteps): ReadonlyMap<FlowName, FlowCallable> {
  const trainPair = DBOS.registerWorkflow(train(steps.train), { name: 'train' })
  const makeReady = DBOS.registerWorkflow(startOfDay(steps.startOfDay, trainPair), { name: 'start-of-day' })
  const trade = DBOS.registerWorkflow(tradingSession(steps.tradingSession), { name: 'trading-session' })
  const rehearsal = DBOS.registerWorkflow(rehearse(steps.rehearse, { startOfDay: makeReady, tradingSession: trade }), {
    name: 'rehearse',
  })
  const history = DBOS.registerWorkflow(loadHistory(steps.loadHistory), { name: 'load-history' })
  const stream = DBOS.registerWorkflow(marketStream(steps.marketStream), { name: 'market-stream' })
  // Whoever starts a flow by its name hands parameters that its plan has made, so their type is known there and not here.
  return new Map<FlowName, FlowCallable>([
    ['rehearse', rehearsal as FlowCallable],
    ['start-of-day', makeReady as FlowCallable],
    ['trading-session', trade as FlowCallable],
    ['train', trainPair as FlowCallable],
    ['load-history', history as FlowCallable],
    ['market-stream', stream as FlowCallable],
  ])
}
