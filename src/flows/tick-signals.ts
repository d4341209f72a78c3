import type { Session } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import type { BarWindow } from '#market/window.ts'
import { type Portfolio, positionIn } from '#portfolio/portfolio.ts'
import { decide } from '#signals/decide.ts'
import type { Signal } from '#signals/signal.ts'
import type { ModelForPair } from '#signals/view.ts'
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
}

/** One signal a model, in the models' order, from the bars that closed by `at` and what the book then holds. */
export function tickSignals(parts: SignalParts, portfolio: Portfolio, at: EpochMs): Signal[] {
  const { day, session, strategy, window, windowMinutes } = parts
  const { book, rules } = day
  return parts.models.map((deciding) => {
    const { pair } = deciding.model
    const aligned = window.alignedPair(pair.y, pair.x, { until: at, count: windowMinutes, carryBars: rules.pairs.carryBars })
    return decide({
      book,
      pair,
      model: deciding,
      closes: { openedAt: aligned.clock, y: aligned.y, x: aligned.x },
      at,
      session,
      position: positionIn(portfolio, pair),
      rules: { ...rules.signals, flatBeforeCloseMinutes: rules.risk.flatBeforeCloseMinutes },
      strategy,
    })
  })
}
