import type { Pair } from '#domain/pair.ts'
import { pearson } from '#statistics/correlation.ts'
import { type EngleGranger, engleGranger } from '#statistics/engle-granger.ts'
import { halfLife } from '#statistics/half-life.ts'
import type { Cointegration, PairVerdict, ScreenRules } from './screened-pair.ts'

/** A pair before the gates that need all pairs; `passed` has passed its own. */
export type AssessedPair = { readonly pair: Pair } & (
  | Extract<
      PairVerdict,
      { verdict: 'not-testable' | 'low-correlation' | 'not-cointegrated' | 'negative-hedge-ratio' | 'half-life-out-of-range' }
    >
  | ({ readonly verdict: 'passed'; readonly halfLifeBars: number } & Cointegration)
)

/** Log prices of a pair's two symbols, [n] each on one clock, NaN where not observed. */
export type Legs = { readonly first: Float64Array; readonly second: Float64Array }

type Tested = Extract<EngleGranger, { kind: 'tested' }>

/**
 * One pair through the gates that look at it alone. The pair comes back with y and x in the better direction, once the
 * test was made; rows that one leg lacks are left out of both.
 */
export function assessPair({ y, x }: Pair, legs: Legs, rules: ScreenRules): AssessedPair {
  const correlation = pearson(legs.first, legs.second)
  if (correlation.kind !== 'correlated') return { pair: { y, x }, verdict: 'not-testable', why: correlation.kind }
  if (correlation.r < rules.minimumCorrelation) return { pair: { y, x }, verdict: 'low-correlation', correlation: correlation.r }
  const { first, second } = observedTogether(legs, correlation.observations)
  const forward = engleGranger(first, second)
  if (forward.kind !== 'tested') return { pair: { y, x }, verdict: 'not-testable', why: forward.kind }
  const backward = engleGranger(second, first)
  if (backward.kind !== 'tested') return { pair: { y, x }, verdict: 'not-testable', why: backward.kind }
  return backward.tau < forward.tau
    ? verdictOn({ y: x, x: y }, backward, { correlation: correlation.r, rules })
    : verdictOn({ y, x }, forward, { correlation: correlation.r, rules })
}

function verdictOn(
  pair: Pair,
  test: Tested,
  { correlation, rules }: { readonly correlation: number; readonly rules: ScreenRules },
): AssessedPair {
  const { pValue, alpha, beta, observations } = test
  const known = { pair, correlation, pValue, alpha, beta, observations }
  if (pValue > rules.maximumPValue) return { ...known, verdict: 'not-cointegrated' }
  if (beta <= 0) return { ...known, verdict: 'negative-hedge-ratio' }
  const life = halfLife(test.residuals)
  if (life.kind !== 'reverting') return { ...known, verdict: 'half-life-out-of-range', halfLifeBars: undefined }
  const isInRange = life.bars >= rules.minimumHalfLifeBars && life.bars <= rules.maximumHalfLifeBars
  return { ...known, verdict: isInRange ? 'passed' : 'half-life-out-of-range', halfLifeBars: life.bars }
}

/** Both legs at the `rows` rows where both were observed; the legs themselves where that is every row. */
function observedTogether({ first, second }: Legs, rows: number): Legs {
  if (rows === first.length) return { first, second }
  const together = { first: new Float64Array(rows), second: new Float64Array(rows) }
  let row = 0
  for (let t = 0; t < first.length; t++) {
    if (Number.isNaN(first[t]) || Number.isNaN(second[t])) continue
    together.first[row] = first[t]
    together.second[row] = second[t]
    row++
  }
  return together
}
