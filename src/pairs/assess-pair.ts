import type { Pair } from '#domain/pair.ts'
import { pearson } from '#statistics/correlation.ts'
import { type EngleGranger, engleGranger } from '#statistics/engle-granger.ts'
import { halfLife } from '#statistics/half-life.ts'
import { outOfSample, type SplitSpread } from './out-of-sample.ts'
import { compositeScore, scoreParts } from './score.ts'
import type { PairVerdict, Reverting, Scored, ScreenRules, TailFigures } from './screened-pair.ts'

/** A pair before the gate that needs all pairs. */
export type AssessedPair =
  | ({ readonly pair: Pair } & Extract<
      PairVerdict,
      { verdict: 'not-testable' | 'low-correlation' | 'not-cointegrated' | 'negative-hedge-ratio' | 'half-life-out-of-range' }
    >)
  | AssessedToTheEnd

/**
 * How a pair that reverts on its head fared on the held-back rows, whatever all the other pairs say of its p-value;
 * `passed` has passed every gate of its own.
 */
export type AssessedToTheEnd = { readonly pair: Pair } & Reverting &
  (
    | ({ readonly verdict: 'broke-out-of-sample' } & (TailFigures | { readonly why: string }))
    | ({ readonly verdict: 'low-score' } & Scored)
    | ({ readonly verdict: 'passed' } & Scored)
  )

/** Log prices of a pair's two symbols, [n] each on one clock, NaN where not observed; the rows from `headRows` on are held back. */
export type Legs = { readonly first: Float64Array; readonly second: Float64Array; readonly headRows: number }

type Tested = Extract<EngleGranger, { kind: 'tested' }>

/**
 * One pair through the gates that look at it alone. The pair comes back with y and x in the better direction, once the
 * test was made; rows that one leg lacks are left out of both. Every estimate is of the head; the held-back rows
 * decide only whether the pair holds and part of its score.
 */
export function assessPair({ y, x }: Pair, legs: Legs, rules: ScreenRules): AssessedPair {
  const head = { first: legs.first.subarray(0, legs.headRows), second: legs.second.subarray(0, legs.headRows) }
  const correlation = pearson(head.first, head.second)
  if (correlation.kind !== 'correlated') return { pair: { y, x }, verdict: 'not-testable', why: correlation.kind }
  if (correlation.r < rules.minimumCorrelation) return { pair: { y, x }, verdict: 'low-correlation', correlation: correlation.r }
  const { first, second } = observedTogether(head)
  const forward = engleGranger(first, second)
  if (forward.kind !== 'tested') return { pair: { y, x }, verdict: 'not-testable', why: forward.kind }
  const backward = engleGranger(second, first)
  if (backward.kind !== 'tested') return { pair: { y, x }, verdict: 'not-testable', why: backward.kind }
  const { r } = correlation
  return backward.tau < forward.tau
    ? verdictOn({ pair: { y: x, x: y }, correlation: r, test: backward, legs: swapped(legs) }, rules)
    : verdictOn({ pair: { y, x }, correlation: r, test: forward, legs }, rules)
}

/** A pair in its better direction; the first leg is y. */
type TestedPair = { readonly pair: Pair; readonly correlation: number; readonly test: Tested; readonly legs: Legs }

function verdictOn({ pair, correlation, test, legs }: TestedPair, rules: ScreenRules): AssessedPair {
  const { pValue, alpha, beta, observations, residuals } = test
  const known = { pair, correlation, pValue, alpha, beta, observations }
  if (pValue > rules.maximumPValue) return { ...known, verdict: 'not-cointegrated' }
  if (beta <= 0) return { ...known, verdict: 'negative-hedge-ratio' }
  const life = halfLife(residuals)
  if (life.kind !== 'reverting') return { ...known, verdict: 'half-life-out-of-range', halfLifeBars: undefined }
  const isInRange = life.bars >= rules.minimumHalfLifeBars && life.bars <= rules.maximumHalfLifeBars
  if (!isInRange) return { ...known, verdict: 'half-life-out-of-range', halfLifeBars: life.bars }
  return assessTail({ ...known, halfLifeBars: life.bars }, { head: residuals, tail: tailOf(legs, test) }, rules)
}

function assessTail(known: Reverting & { readonly pair: Pair }, spread: SplitSpread, rules: ScreenRules): AssessedPair {
  const held = outOfSample(spread, rules)
  if (held.kind === 'untestable') return { ...known, verdict: 'broke-out-of-sample', why: held.why }
  const { tailPValue, tailShift } = held
  if (held.kind === 'broke') return { ...known, verdict: 'broke-out-of-sample', tailPValue, tailShift }
  const parts = scoreParts(spread, known.beta, rules.zScoreRule)
  const score = compositeScore(parts)
  return { ...known, verdict: score >= rules.minimumScore ? 'passed' : 'low-score', tailPValue, tailShift, score, parts }
}

/** The spread of the held-back rows, with the hedge of the rows before. */
function tailOf({ first, second, headRows }: Legs, { alpha, beta }: Tested): Float64Array {
  const tail = observedTogether({ first: first.subarray(headRows), second: second.subarray(headRows) })
  return tail.first.map((y, t) => y - beta * tail.second[t] - alpha)
}

function swapped({ first, second, headRows }: Legs): Legs {
  return { first: second, second: first, headRows }
}

type Columns = Pick<Legs, 'first' | 'second'>

/** Both columns at the rows where both were observed; the columns themselves where that is every row. */
function observedTogether({ first, second }: Columns): Columns {
  const isObserved = (_: number, t: number) => !Number.isNaN(first[t]) && !Number.isNaN(second[t])
  return first.every(isObserved) ? { first, second } : { first: first.filter(isObserved), second: second.filter(isObserved) }
}
