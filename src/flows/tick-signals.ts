import { nameOf, type PairName } from '#domain/pair.ts'
import type { Session } from '#domain/sessions.ts'
import type { EpochMs, LogSpreadColumn, ZScoreColumn } from '#domain/units.ts'
import type { BarWindow } from '#market/window.ts'
import { type Portfolio, positionIn } from '#portfolio/portfolio.ts'
import { decide } from '#signals/decide.ts'
import type { Signal } from '#signals/signal.ts'
import type { ModelForPair } from '#signals/view.ts'
import { continuedZScore, type ScoredColumn } from '#statistics/rolling.ts'
import type { Strategy } from '#strategy.ts'
import type { DayParameters } from './rehearsal.ts'

export type DecidingModel = Exclude<ModelForPair, { readonly kind: 'none' }>

/** What the signals of a session are made with. */
export type SignalParts = {
  readonly day: DayParameters
  readonly session: Session
  readonly strategy: Strategy
  readonly models: readonly DecidingModel[]
  readonly window: BarWindow
  /** Most minutes of the window that a decision looks at. */
  readonly windowMinutes: number
  /** The spread of each pair with its z-scores, as they were at the tick before. Forgetting them costs time and changes nothing. */
  readonly remembered: Map<PairName, ScoredColumn>
}

/** One signal a model, in the models' order as they are asked for, from the bars that closed by `at` and what the book then holds. */
export function* tickSignals(parts: SignalParts, portfolio: Portfolio, at: EpochMs): Generator<Signal> {
  const { day, session, strategy, window, windowMinutes, remembered } = parts
  const { book, rules } = day
  for (const deciding of parts.models) {
    const { pair } = deciding.model
    const aligned = window.alignedPair(pair.y, pair.x, { until: at, count: windowMinutes, carryBars: rules.pairs.carryBars })
    yield decide({
      book,
      pair,
      model: deciding,
      closes: { openedAt: aligned.clock, y: aligned.y, x: aligned.x },
      at,
      session,
      position: positionIn(portfolio, pair),
      rules: { ...rules.signals, flatBeforeCloseMinutes: rules.risk.flatBeforeCloseMinutes },
      strategy,
      zScoreOf: (spread) => scored(spread, { name: nameOf(pair), window: rules.signals.zscoreWindowBars, remembered }),
    })
  }
}

function scored(
  spread: LogSpreadColumn,
  {
    name,
    window,
    remembered,
  }: { readonly name: PairName; readonly window: number; readonly remembered: SignalParts['remembered'] },
): ZScoreColumn {
  const z = continuedZScore(remembered.get(name), spread, { window }) as ZScoreColumn
  remembered.set(name, { x: spread, z })
  return z
}
