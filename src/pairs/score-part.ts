/** One part of a pair's score: in [0, 1], higher is better, or why it has no value. */
export type ScorePart =
  | { readonly kind: 'measured'; readonly value: number }
  | { readonly kind: 'undefined'; readonly why: WhyUnscored }

/** The parts of the composite score, each in [0, 1]. */
export type ScoreParts = {
  readonly fit: ScorePart
  readonly volatilityForecast: ScorePart
  readonly recentBacktest: ScorePart
  readonly residualDiagnostics: ScorePart
}

/**
 * `not-fitted`: the spread's variance model could not be fitted; `too-short`: too few rows to measure on; `no-variation`: what is
 * measured does not vary; `no-trades`: the rule never entered.
 */
export type WhyUnscored = 'not-fitted' | 'too-short' | 'no-variation' | 'no-trades'

export function scored(value: number): ScorePart {
  return { kind: 'measured', value }
}

export function unscored(why: WhyUnscored): ScorePart {
  return { kind: 'undefined', why }
}
