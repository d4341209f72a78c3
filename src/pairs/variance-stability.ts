import { archLm } from '#statistics/arch-lm.ts'
import { ljungBox } from '#statistics/autocorrelation.ts'
import { moments } from '#statistics/moments.ts'
import { rollingStd } from '#statistics/rolling.ts'

/** What a symbol's returns must be like to be paired; docs/screen.md tells what real ones are like. */
export type StabilityRules = {
  /** ARCH-LM, below it a symbol is left out; 0 leaves out nobody. */
  readonly minimumArchPValue: number
  /** Ljung–Box, below it a symbol is left out; 0 leaves out nobody. */
  readonly minimumLjungBoxPValue: number
  /** Coefficient of variation of the rolling standard deviation, above it a symbol is left out. */
  readonly maximumVolatilityVariation: number
  readonly stabilityLags: number
  /** Rows of the rolling standard deviation. */
  readonly stabilityWindowBars: number
}

/** How steady the variance of returns is. */
export type Stability = {
  /** Engle's test: the null is a variance that does not depend on the last ones. */
  readonly archPValue: number
  /** The null is returns that do not depend on the last ones. */
  readonly ljungBoxPValue: number
  /** Standard deviation of the rolling standard deviation over its mean. */
  readonly volatilityVariation: number
}

export type StabilityFailure = 'arch-effects' | 'autocorrelated' | 'unsteady-volatility'

export type VarianceStability =
  | { readonly kind: 'measured'; readonly stability: Stability; readonly failures: readonly StabilityFailure[] }
  | { readonly kind: 'too-short' | 'not-finite' | 'constant' }

/**
 * Whether the variance of returns is steady enough for a test that takes them to be of one kind, and by which rules it is not.
 * `returns`: [n] log returns, NaN where not observed: such rows are left out, and the window counts the rest.
 * `too-short` for the lags, or for fewer than two windows; `constant` where returns do not vary, or their size never does.
 * Sources: Engle (1982), Econometrica 50(4); Ljung & Box (1978), Biometrika 65(2).
 */
export function varianceStability(returns: Float64Array, rules: StabilityRules): VarianceStability {
  const observed = returns.filter((value) => !Number.isNaN(value))
  const arch = archLm(observed, { lags: rules.stabilityLags })
  if (arch.kind !== 'tested') return { kind: arch.kind }
  const portmanteau = ljungBox(observed, { lags: rules.stabilityLags })
  if (portmanteau.kind !== 'tested') return { kind: portmanteau.kind }
  const volatility = moments(rollingStd(observed, { window: rules.stabilityWindowBars }).subarray(rules.stabilityWindowBars - 1))
  if (volatility.kind !== 'measured') return { kind: volatility.kind }
  const stability = {
    archPValue: arch.pValue,
    ljungBoxPValue: portmanteau.pValues[rules.stabilityLags - 1],
    volatilityVariation: Math.sqrt(volatility.variance) / volatility.mean,
  }
  return { kind: 'measured', stability, failures: failuresOf(stability, rules) }
}

function failuresOf(stability: Stability, rules: StabilityRules): StabilityFailure[] {
  return [
    ...(stability.archPValue < rules.minimumArchPValue ? (['arch-effects'] as const) : []),
    ...(stability.ljungBoxPValue < rules.minimumLjungBoxPValue ? (['autocorrelated'] as const) : []),
    ...(stability.volatilityVariation > rules.maximumVolatilityVariation ? (['unsteady-volatility'] as const) : []),
  ]
}
