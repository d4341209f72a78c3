import type { Probability } from '#domain/units.ts'
import {
  directionTowardsMean,
  distanceInWords,
  entryObstacle,
  hasReachedMean,
  type Intent,
  type PairView,
  probabilityOf,
  type Strategy,
} from '#strategy.ts'

/**
 * The built-in strategy: enter when the spread is beyond `entry_z` and the GRU, which reads the GARCH volatility among
 * its features, gives at least `minimum_probability` for a move back; leave at the mean, or when the model gives a move
 * back less than half of what an entry needs. An entry's confidence is the model's probability.
 */
export const strategy: Strategy = { name: 'garch-gru', version: '1', decide }

function decide(view: PairView): Intent {
  return view.position.kind === 'open' ? whileHeld(view) : whileFlat(view)
}

function whileHeld(view: PairView): Intent {
  const { reversion, rules } = view
  if (hasReachedMean(view)) {
    return { kind: 'exit', cause: 'mean', confidence: probabilityOf(1), reasons: [`${distanceInWords(view.zNow)}: back at it`] }
  }
  // Half, so that a probability that wavers about the entry's threshold does not trade in and out.
  if (reversion !== undefined && reversion < rules.minimumProbability / 2) {
    return { kind: 'exit', cause: 'model', confidence: probabilityOf(1 - reversion), reasons: [opinion(view, reversion)] }
  }
  return hold(`${said(view)}; waiting for its return`)
}

function whileFlat(view: PairView): Intent {
  const { reversion, rules } = view
  const obstacle = entryObstacle(view)
  if (obstacle !== undefined) return hold(obstacle)
  if (reversion === undefined) return hold(said(view))
  if (reversion < rules.minimumProbability) {
    return hold(`${opinion(view, reversion)}, an entry needs ${rules.minimumProbability.toFixed(2)}`)
  }
  return { kind: 'enter', direction: directionTowardsMean(view.zNow), confidence: reversion, reasons: [opinion(view, reversion)] }
}

function hold(reason: string): Intent {
  return { kind: 'hold', confidence: probabilityOf(1), reasons: [reason] }
}

function said(view: PairView): string {
  return view.reversion === undefined
    ? `${distanceInWords(view.zNow)}; the model gives no forecast`
    : opinion(view, view.reversion)
}

function opinion(view: PairView, reversion: Probability): string {
  return `${distanceInWords(view.zNow)}; model gives ${reversion.toFixed(2)} for a move back`
}
