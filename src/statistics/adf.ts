import type { Probability } from '#domain/units.ts'
import { coefficientsWith, differencesOf, type LagDesign, lagDesign, lastTWith, levelT, ssrWith } from './adf-design.ts'
import { type CriticalValues, mackinnonCriticalValues, mackinnonPValue, type Trend } from './mackinnon.ts'
import { informationCriteria } from './ols.ts'

export type LagRule = 'aic' | 'bic' | 't-stat' | 'fixed'

export type AdfOptions = {
  /** n: nothing, c: constant, ct: and a linear trend, ctt: and a quadratic one. */
  readonly trend: Trend
  /** How the number of lags is found among 0..maximumLag; `fixed` takes maximumLag itself. */
  readonly lagRule: LagRule
  /** min(⌈12 (n/100)^¼⌉, ⌊n/2⌋ − trend terms − 1) unless given. Source: Schwert (1989). */
  readonly maximumLag?: number
}

export type Adf =
  | {
      readonly kind: 'tested'
      /** t value of the lagged level. */
      readonly tau: number
      readonly pValue: Probability
      readonly lag: number
      /** Rows of the final regression. */
      readonly observations: number
      readonly criticalValues: CriticalValues
      /** The lag rule's best value, on the rows that the longest lag leaves; undefined for a fixed lag. */
      readonly criterion: number | undefined
    }
  | { readonly kind: 'too-short'; readonly observations: number; readonly needed: number }
  | { readonly kind: 'not-finite'; readonly row: number }
  | { readonly kind: 'constant' }
  | { readonly kind: 'collinear' }
  | { readonly kind: 'no-residual' }

const TREND_TERMS: Readonly<Record<Trend, number>> = { n: 0, c: 1, ct: 2, ctt: 3 }
/** Two-sided 10 % of the normal distribution: the last lag's t value at which the t rule stops. */
const LAST_LAG_T = 1.6448536269514722

/**
 * Augmented Dickey–Fuller test: Δx[t] on x[t−1], lags of Δx and the trend; the null is a unit root.
 * `x`: [n] finite, any unit; the statistic does not depend on it. All lags are compared on the rows that the longest
 * one leaves, the chosen one is fitted again on all rows it has, ties go to the smaller lag. `too-short` also where
 * the longest lag leaves no degree of freedom; `no-residual` where the series is an exact line or curve.
 * Sources: Said & Dickey (1984), Biometrika 71(3), 599–607; checked against statsmodels 0.13.5, `adfuller`.
 */
export function adf(x: Float64Array, options: AdfOptions): Adf {
  const { trend } = options
  const n = x.length
  const { largest, isConstant } = rangeOf(x)
  if (!Number.isFinite(largest)) return { kind: 'not-finite', row: x.findIndex((value) => !Number.isFinite(value)) }
  const maximumLag = options.maximumLag ?? defaultMaximumLag(n, trend)
  const needed = neededFor(trend, maximumLag)
  if (maximumLag < 0 || n < needed) return { kind: 'too-short', observations: n, needed }
  if (isConstant) return { kind: 'constant' }
  const differences = differencesOf(x, TREND_TERMS[trend])
  const widest = lagDesign(differences, maximumLag)
  if (widest === undefined) return { kind: 'collinear' }
  const { lag, criterion } = chooseLag(widest, options.lagRule)
  const final = lag === maximumLag ? widest : lagDesign(differences, lag)
  if (final === undefined) return { kind: 'collinear' }
  const tau = levelT(final)
  if (!Number.isFinite(tau) || isRounding(Math.sqrt(ssrWith(lag, final) / final.rows), largest)) return { kind: 'no-residual' }
  return {
    kind: 'tested',
    tau,
    pValue: mackinnonPValue(tau, { trend, series: 1 }),
    lag,
    observations: final.rows,
    criticalValues: mackinnonCriticalValues(final.rows, { trend, series: 1 }),
    criterion,
  }
}

/** The largest magnitude, NaN or infinite where a value is, and whether all values are one. */
function rangeOf(x: Float64Array): { readonly largest: number; readonly isConstant: boolean } {
  let largest = 0
  let isConstant = true
  for (let t = 0; t < x.length; t++) {
    largest = Math.max(largest, Math.abs(x[t]))
    isConstant &&= x[t] === x[0]
  }
  return { largest, isConstant }
}

/** Whether residuals of this deviation are no more than the rounding of a series that reaches `largest`. */
function isRounding(deviation: number, largest: number): boolean {
  return largest >= deviation / (64 * Number.EPSILON)
}

function defaultMaximumLag(n: number, trend: Trend): number {
  return Math.min(Math.ceil(12 * (n / 100) ** 0.25), Math.floor(n / 2) - TREND_TERMS[trend] - 1)
}

/** Rows for the largest regression to keep a degree of freedom, and for the lag to stay within half of the series. */
function neededFor(trend: Trend, maximumLag: number): number {
  const lags = Math.max(0, maximumLag)
  const coefficients = TREND_TERMS[trend] + 1 + lags
  return Math.max(2 * (TREND_TERMS[trend] + 1 + lags), 1 + lags + coefficients + 1)
}

type ChosenLag = { readonly lag: number; readonly criterion: number | undefined }

function chooseLag(design: LagDesign, rule: LagRule): ChosenLag {
  switch (rule) {
    case 'fixed':
      return { lag: design.lags, criterion: undefined }
    case 't-stat':
      return lastLongLag(design)
    case 'aic':
    case 'bic':
      return leastCriterion(design, rule)
    default:
      return rule satisfies never
  }
}

function leastCriterion(design: LagDesign, rule: 'aic' | 'bic'): ChosenLag {
  let best = { lag: 0, criterion: Number.POSITIVE_INFINITY }
  for (let lag = 0; lag <= design.lags; lag++) {
    const criterion = informationCriteria(ssrWith(lag, design), design.rows, coefficientsWith(lag, design))[rule]
    if (criterion < best.criterion) best = { lag, criterion }
  }
  return best
}

function lastLongLag(design: LagDesign): ChosenLag {
  for (let lag = design.lags; lag > 0; lag--) {
    const t = lastTWith(lag, design)
    if (t >= LAST_LAG_T) return { lag, criterion: t }
  }
  return { lag: 0, criterion: lastTWith(0, design) }
}
