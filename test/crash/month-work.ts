import { ok } from '#domain/outcome.ts'
import type { PairName } from '#domain/pair.ts'
import { type EpochMs, epochMs, isoFrom, MINUTE_MS } from '#domain/units.ts'
import type { Shortlist } from '#flows/prepared-day.ts'
import type { FlowSteps } from '#flows/registry.flow.ts'
import type { SignalsSteps } from '#flows/signals.flow.ts'
import type { TrainSteps } from '#flows/train.flow.ts'

const PAIRS = ['XOM-CVX', 'KO-PEP', 'V-MA', 'GS-MS'] as PairName[]
/** Orders are looked after for so long. */
const FOLLOWED_MS = 2 * MINUTE_MS

/** A step's work: `minutes` of the market's time, and what was done told by its name and `key`. */
export type Trace = (name: string, minutes: number, key?: string) => Promise<void>

export function trainOf(trace: Trace): TrainSteps {
  return {
    fit: async ({ pair }) => {
      await trace('fit', 15)
      return `model-${pair}`
    },
    startRun: async ({ pair }) => {
      await trace('start-run', 1)
      return { runId: `tracked-${pair}`, artifactUri: '', startedAt: epochMs(0) }
    },
    track: () => trace('track', 1),
    register: () => trace('register', 1),
  }
}

export function signalsOf(trace: Trace): SignalsSteps {
  return {
    awaitTick: () => trace('await-tick', 0),
    decide: async ({ at }) => {
      await trace('decide', 0)
      return { kind: 'decided', signals: PAIRS.length, underWay: 1, followUntil: epochMs(at + FOLLOWED_MS) }
    },
    execute: async () => {
      await trace('execute', 0)
      return 1
    },
    follow: async ({ at }, until) => {
      await trace('follow', 1, String((until - at) / MINUTE_MS))
      return until - at >= FOLLOWED_MS ? 0 : 1
    },
  }
}

export function researchOf(trace: Trace): Pick<FlowSteps, 'preprocess' | 'identifyPairs' | 'startOfDay'> {
  const screen = async (): Promise<Shortlist> => {
    await trace('screen', 10)
    return { screenId: 'screen', pairs: PAIRS, epochsEach: 1 }
  }
  const openBook = () => trace('open-book', 0)
  return {
    preprocess: {
      openBook,
      prepare: async () => {
        await trace('prepare', 5)
        return { preparationId: 'prepared', symbols: 2 * PAIRS.length, fit: 2 * PAIRS.length }
      },
    },
    identifyPairs: { openBook, screen },
    startOfDay: {
      ...{ openBook, screen },
      promote: () => trace('promote', 1),
      tellNotLoaded: () => trace('tell-not-loaded', 0),
      tellNotTrained: () => trace('tell-not-trained', 0),
      ready: () => trace('ready', 0),
    },
  }
}

export function rehearsalOf(trace: Trace): Pick<FlowSteps, 'tradingSession' | 'rehearse' | 'recyclerCheck'> {
  const key = (at: EpochMs) => isoFrom(at)
  return {
    tradingSession: {
      awaitTick: (_, at) => trace('await-tick', 0, key(at)),
      decide: async (_, at) => {
        await trace('decide', 0, key(at))
        return 0
      },
      execute: (_, at) => trace('execute', 0, key(at)),
      settle: () => trace('settle', 1),
      leave: async () => {},
    },
    rehearse: {
      openBook: () => trace('open-book', 0),
      closeBook: async () => {
        await trace('close-book', 1)
        return 'certificate'
      },
      abandon: () => trace('abandon', 0),
    },
    recyclerCheck: {
      compare: async () => {
        await trace('compare', 1)
        return { kind: 'same', sentence: 'It is the same.' }
      },
      forget: () => trace('forget', 0),
    },
  }
}

export function dataOf(trace: Trace): Pick<FlowSteps, 'loadHistory' | 'loadCompanies' | 'loadNews' | 'maintainSymbols'> {
  const counts = { bars: 1, new: 1, revised: 0, tookMs: 1 }
  return {
    loadHistory: {
      loadPage: async (_, { feed, first }) => {
        await trace('load-page', 5, `${feed} ${first}`)
        return ok({ counts, next: undefined })
      },
      generate: async () => counts,
      tellPassedOver: () => trace('tell-passed-over', 0),
      lookAtGaps: async () => {
        await trace('look-at-gaps', 1)
        return { withoutBars: [], minutes: undefined }
      },
    },
    loadCompanies: {
      loadPart: async ({ symbols }, place) => {
        await trace('load-companies', 10, String(place))
        return { loaded: symbols.length, fresh: 0, missing: [], quotes: 0, unavailable: undefined }
      },
    },
    loadNews: {
      loadFrom: async (_, source) => {
        await trace('load-news', 2, source)
        return { source, kind: 'loaded', articles: 1, new: 1 }
      },
    },
    maintainSymbols: {
      look: async () => {
        await trace('maintain-symbols', 3)
        return { changed: 0, isDoubted: false }
      },
      checkCalendar: async () => {
        await trace('check-calendar', 1)
        return 0
      },
    },
  }
}
