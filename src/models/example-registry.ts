import { DAY_MS, epochMs } from '#domain/units.ts'
import { measured } from '#statistics/measure.ts'
import type { LifeRules, RegisteredModel } from './registry-events.ts'
import type { GateScores } from './registry-gates.ts'

/** The gates of production, and models that last a week. */
export const RULES: LifeRules = {
  minimumF1: 0.7,
  minimumSharpe: 1,
  minimumF1Gain: 0.02,
  minimumSharpeGain: 0.1,
  maximumDrawdownLoss: 0.01,
  maximumPValue: 0.05,
  maximumAgeMs: 7 * DAY_MS,
}
/** At an F1 and a Sharpe ratio, with a drawdown. */
export const scores = (f1: number, sharpe: number, drawdown = -0.02): GateScores => ({
  f1: measured(f1),
  sharpe: measured(sharpe),
  drawdown: measured(drawdown),
})
/** A version that passes, trained at the epoch unless told otherwise. */
export const model = (version: number, changes: Partial<RegisteredModel> = {}): RegisteredModel => ({
  version,
  dataHash: `data-${version}`,
  trainedUntil: epochMs(0),
  isConverged: true,
  scores: scores(0.75, 1.5),
  ...changes,
})
/** A person who decides. */
export const ANN = { kind: 'person', name: 'ann', why: 'we know better' } as const
/** A challenger that is better by every gate. */
export const better = { challenger: scores(0.8, 2), champion: scores(0.75, 1.5), f1PValue: 0.01, sharpePValue: 0.4 }
