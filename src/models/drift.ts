import type { LogSpreadColumn } from '#domain/units.ts'
import { benjaminiHochberg } from '#statistics/benjamini-hochberg.ts'
import { recursiveCusum } from '#statistics/cusum.ts'
import { kolmogorovSmirnov } from '#statistics/kolmogorov-smirnov.ts'
import { populationStability } from '#statistics/population-stability.ts'
import { type Breakdown, breakdownOf, rollingCointegration } from '#statistics/rolling-cointegration.ts'
import type { Bracketed } from '#statistics/score-intervals.ts'
import { SCORE_NAMES, type ScoreName } from './score-evidence.ts'

/** When a model counts as drifted. */
export type DriftRules = {
  /** Bins of the population stability index, >= 2. */
  readonly stabilityBins: number
  /** Above it, a column is another population. */
  readonly maximumStabilityIndex: number
  /**
   * Above it, in [0, 1], two distributions lie far apart, whatever chance says: rows that follow one another overstate chance.
   */
  readonly maximumDistance: number
  /** Up to it, in (0, 1), chance is ruled out; over all columns, false discoveries controlled. */
  readonly maximumPValue: number
  /** Windows of the rolling cointegration test in rows, and rows between tests. */
  readonly cointegrationWindow: number
  readonly cointegrationEvery: number
  /** A window above this p-value does not show cointegration; so many at the end in a row are a breakdown. */
  readonly maximumCointegrationPValue: number
  readonly consecutiveWindows: number
  /** A live score, its interval included, may lie so far on the worse side of its validation score, in units of the score. */
  readonly scoreTolerance: number
}

/** What a model is held against; columns by name, NaN where a row is not known. */
export type DriftEvidence = {
  /** Features and the residuals of the variance model over the training part, and over the latest stretch. */
  readonly reference: Readonly<Record<string, Float64Array>>
  readonly recent: Readonly<Record<string, Float64Array>>
  /** Log prices over a stretch that ends now, longer than the rolling windows. */
  readonly logY: Float64Array
  readonly logX: Float64Array
  /** The same stretch at the model's hedge. */
  readonly spread: LogSpreadColumn
  readonly validation: Readonly<Partial<Record<ScoreName, number>>>
  readonly live: Readonly<Partial<Record<ScoreName, Bracketed>>>
}

export type DriftFinding =
  | { readonly kind: 'population-moved'; readonly column: string; readonly index: number; readonly maximum: number }
  | {
      readonly kind: 'distribution-moved'
      readonly column: string
      readonly distance: number
      readonly maximum: number
      /** Adjusted for the number of columns. */
      readonly pValue: number
    }
  /** A column that was there at the training and cannot be compared now. */
  | { readonly kind: 'not-comparable'; readonly column: string; readonly why: string }
  | ({ readonly maximum: number } & (Omit<Extract<Breakdown, { kind: 'broken' }>, 'kind'> & {
      readonly kind: 'cointegration-broken'
    }))
  /** The spread's pull to its mean is not what it was: level or strength moved at about `row`. */
  | { readonly kind: 'reversion-broken'; readonly row: number; readonly statistic: number; readonly pValue: number }
  | {
      readonly kind: 'score-fell'
      readonly score: ScoreName
      readonly validation: number
      readonly live: number
      /** The better end of the live score's interval. */
      readonly atBest: number
    }

/** Everything that speaks against a model's still being the one that was trained; none when nothing does. */
export function driftFindings(evidence: DriftEvidence, rules: DriftRules): DriftFinding[] {
  return [...columnFindings(evidence, rules), ...pairFindings(evidence, rules), ...scoreFindings(evidence, rules)]
}

function columnFindings({ reference, recent }: DriftEvidence, rules: DriftRules): DriftFinding[] {
  const names = Object.keys(reference).sort()
  const known = names.map((name) => [reference[name], recent[name] ?? new Float64Array(0)].map((x) => x.filter(Number.isFinite)))
  const tests = known.map(([before, now]) => kolmogorovSmirnov(before, now))
  const tested = tests.flatMap((test) => (test.kind === 'tested' ? [test.pValue] : []))
  const correction = benjaminiHochberg(Float64Array.from(tested))
  const adjusted = correction.kind === 'adjusted' ? Array.from(correction.adjusted) : []
  return names.flatMap((column, i): DriftFinding[] => {
    const [before, now] = known[i]
    const test = tests[i]
    const stability = populationStability(before, now, { bins: rules.stabilityBins })
    const pValue = test.kind === 'tested' ? adjusted.shift() : undefined
    if (test.kind !== 'tested' || pValue === undefined) return [{ kind: 'not-comparable', column, why: test.kind }]
    const findings: DriftFinding[] = []
    if (stability.kind !== 'measured') findings.push({ kind: 'not-comparable', column, why: stability.kind })
    else if (stability.index > rules.maximumStabilityIndex && stability.pValue <= rules.maximumPValue) {
      findings.push({ kind: 'population-moved', column, index: stability.index, maximum: rules.maximumStabilityIndex })
    }
    if (test.distance > rules.maximumDistance && pValue <= rules.maximumPValue) {
      findings.push({ kind: 'distribution-moved', column, distance: test.distance, maximum: rules.maximumDistance, pValue })
    }
    return findings
  })
}

function pairFindings({ logY, logX, spread }: DriftEvidence, rules: DriftRules): DriftFinding[] {
  const { cointegrationWindow: window, cointegrationEvery, maximumCointegrationPValue: maximum, consecutiveWindows } = rules
  // The last test is of the latest rows.
  const skipped = logY.length < window ? 0 : (logY.length - window) % cointegrationEvery
  const { pValue } = rollingCointegration(logY.subarray(skipped), logX.subarray(skipped), {
    window,
    every: cointegrationEvery,
    lagRule: 'aic',
  })
  const breakdown = breakdownOf(pValue, { maximumPValue: maximum, consecutive: consecutiveWindows })
  const findings: DriftFinding[] = []
  if (breakdown.kind === 'broken') {
    findings.push({ ...breakdown, kind: 'cointegration-broken', row: breakdown.row + skipped, maximum })
  }
  if (breakdown.kind === 'unknown') {
    findings.push({ kind: 'not-comparable', column: 'cointegration', why: `${breakdown.tests} of ${consecutiveWindows} windows` })
  }
  return [...findings, ...reversionFindings(spread, rules)]
}

/** CUSUM of Δs[t] = a + b s[t−1], whose errors do not follow one another as the spread's own values do. */
function reversionFindings(spread: LogSpreadColumn, { maximumPValue }: DriftRules): DriftFinding[] {
  const rows = Array.from(spread.keys()).filter((t) => t > 0 && Number.isFinite(spread[t]) && Number.isFinite(spread[t - 1]))
  const changes = Float64Array.from(rows, (t) => spread[t] - spread[t - 1])
  const before = Float64Array.from(rows, (t) => spread[t - 1])
  const test = recursiveCusum(changes, [new Float64Array(rows.length).fill(1), before])
  if (test.kind !== 'tested') return [{ kind: 'not-comparable', column: 'spread', why: test.kind }]
  const { statistic, pValue } = test
  return pValue <= maximumPValue ? [{ kind: 'reversion-broken', row: rows[test.row], statistic, pValue }] : []
}

/** Of these less is better. */
const LOSSES: ReadonlySet<ScoreName> = new Set(['brier', 'logLoss'])

function scoreFindings({ validation, live }: DriftEvidence, { scoreTolerance }: DriftRules): DriftFinding[] {
  return SCORE_NAMES.flatMap((score): DriftFinding[] => {
    const [was, is] = [validation[score], live[score]]
    if (was === undefined || is === undefined) return []
    if (is.kind === 'undefined') return [{ kind: 'not-comparable', column: score, why: is.why }]
    const atBest = LOSSES.has(score) ? is.low : is.high
    const shortfall = LOSSES.has(score) ? atBest - was : was - atBest
    return shortfall > scoreTolerance ? [{ kind: 'score-fell', score, validation: was, live: is.value, atBest }] : []
  })
}
