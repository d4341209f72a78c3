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
 * The plain rule: enter when the spread is beyond `entry_z`, leave when it is back within `exit_z`. Asks no forecast.
 * An entry's confidence is the distance as a fraction of the stop's.
 */
export const strategy: Strategy = { name: 'z-score', version: '1', decide }

function decide(view: PairView): Intent {
  const distance = distanceInWords(view.zNow)
  const certain = probabilityOf(1)
  if (hasReachedMean(view)) return { kind: 'exit', cause: 'mean', confidence: certain, reasons: [`${distance}: back at it`] }
  if (view.position.kind === 'open')
    return { kind: 'hold', confidence: certain, reasons: [`${distance}; waiting for its return`] }
  const obstacle = entryObstacle(view)
  if (obstacle !== undefined) return { kind: 'hold', confidence: certain, reasons: [obstacle] }
  const confidence = probabilityOf(Math.abs(view.zNow) / view.rules.stopZ)
  return { kind: 'enter', direction: directionTowardsMean(view.zNow), confidence, reasons: [distance] }
}
