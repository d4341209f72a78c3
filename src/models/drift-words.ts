import type { DriftFinding } from './drift.ts'
import type { ScoreName } from './score-evidence.ts'

const NAMES: Readonly<Record<ScoreName, string>> = {
  f1: 'F1',
  accuracy: 'accuracy',
  precision: 'precision',
  recall: 'recall',
  auc: 'area under the ROC curve',
  brier: 'Brier score',
  logLoss: 'log loss',
}

/** A finding as one sentence for people. */
export function driftWords(finding: DriftFinding): string {
  switch (finding.kind) {
    case 'population-moved':
      return `${finding.column} is another population than at the training: stability index ${finding.index.toFixed(2)}, at most ${finding.maximum}`
    case 'distribution-moved':
      return `${finding.column} is distributed otherwise than at the training: distance ${finding.distance.toFixed(2)}, at most ${finding.maximum} (p ${probability(finding.pValue)})`
    case 'not-comparable':
      return `${finding.column} cannot be compared with the training: ${finding.why.replaceAll('-', ' ')}`
    case 'cointegration-broken':
      return `the legs no longer move together: the last ${finding.tests} windows show no cointegration (p ${probability(finding.pValue)}, at most ${finding.maximum})`
    case 'reversion-broken':
      return `the spread's pull to its mean broke: CUSUM ${finding.statistic.toFixed(2)} (p ${probability(finding.pValue)})`
    case 'score-fell':
      return `live ${NAMES[finding.score]} is ${finding.live.toFixed(3)}, ${finding.atBest.toFixed(3)} at best; in validation it was ${finding.validation.toFixed(3)}`
    default:
      return finding satisfies never
  }
}

function probability(p: number): string {
  return p < 0.001 ? 'below 0.001' : p.toFixed(3)
}
