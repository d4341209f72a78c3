import type { LogSpreadColumn } from '#domain/units.ts'
import type { ZScoreRule } from '#pairs/z-score-rule.ts'
import { rollingZScore } from '#statistics/rolling.ts'

/** What a model must be better than; each has probabilities like a model's, and is scored by the same functions. */
export type BaselineName = 'always-revert' | 'z-score-rule'

/** [n] the probability that the spread moves towards its mean, as a rule without a model says it. */
export type BaselineProbabilities = Readonly<Record<BaselineName, Float64Array>>

/**
 * [n] 1 where the rolling z-score is at least `entryZ` away from the mean, so that the rule expects a return, 0 where it
 * expects none; NaN where the score is not known. Row t depends on rows <= t.
 */
export function zScoreCalls(
  spread: LogSpreadColumn,
  { zscoreWindowBars, entryZ }: Pick<ZScoreRule, 'zscoreWindowBars' | 'entryZ'>,
): Float64Array {
  return rollingZScore(spread, { window: zscoreWindowBars }).map((z) => {
    if (Number.isNaN(z)) return Number.NaN
    return Math.abs(z) >= entryZ ? 1 : 0
  })
}

/** Both baselines at `rows` of the spread. In `tradingScore`, `always-revert` is the z-score rule that no model gates. */
export function baselineProbabilities(
  spread: LogSpreadColumn,
  rows: Int32Array,
  rule: Pick<ZScoreRule, 'zscoreWindowBars' | 'entryZ'>,
): BaselineProbabilities {
  const calls = zScoreCalls(spread, rule)
  return {
    'always-revert': new Float64Array(rows.length).fill(1),
    'z-score-rule': Float64Array.from(rows, (row) => calls[row]),
  }
}
