import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Feed } from '#domain/bars.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'

export type HistoryParameters = {
  readonly symbols: readonly Symbol_[]
  /** Bars that opened in [from, until). */
  readonly from: EpochMs
  readonly until: EpochMs
}

export type LoadHistorySteps = {
  /** Whether a source of real history answers. */
  readonly isReachable: () => Promise<boolean>
  /** Loads and stores one symbol's bars; answers how many were new. */
  readonly load: (symbol: Symbol_, parameters: HistoryParameters) => Promise<number>
  /** Generates and stores a market, marked as simulated. */
  readonly generate: (parameters: HistoryParameters) => Promise<number>
  readonly tell: (done: number, total: number, sentence: string) => Promise<void>
}

/** The first history: real bars where a source answers and has any, else a generated market. Answers the feed that it filled. */
export const loadHistory =
  (steps: LoadHistorySteps) =>
  async (parameters: HistoryParameters): Promise<Feed> => {
    const isReachable = await DBOS.runStep(() => steps.isReachable(), { name: 'look-for-a-source' })
    let loaded = 0
    for (const [i, symbol] of isReachable ? parameters.symbols.entries() : []) {
      await DBOS.runStep(() => steps.tell(i, parameters.symbols.length, `Loading ${symbol}`), { name: 'tell' })
      loaded += await DBOS.runStep(() => steps.load(symbol, parameters), { name: 'load' })
    }
    if (loaded > 0) return 'yahoo'
    await DBOS.runStep(() => steps.generate(parameters), { name: 'generate' })
    return 'simulated'
  }
