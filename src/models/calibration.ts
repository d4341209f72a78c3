import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type IsotonicSteps, isotonic, isotonicAt } from '#statistics/isotonic.ts'
import { type Line, sigmoidFit } from './sigmoid-fit.ts'

/** What makes a network's probabilities mean what they say: never falling, so that it ranks as the network does. */
export type Calibration =
  /** 1 / (1 + e^−(slope · logit p + intercept)), slope > 0. */
  ({ readonly kind: 'platt' } & Line) | ({ readonly kind: 'isotonic' } & IsotonicSteps)

export type NotCalibrated =
  | { readonly kind: 'too-few'; readonly observations: number; readonly needed: number }
  | { readonly kind: 'one-class' }
  | { readonly kind: 'not-finite'; readonly row: number }
  /** The higher the probability, the rarer the class: turning the model round would be another model. */
  | { readonly kind: 'reversed' }

/** Fewer rows than this calibrate to noise. */
const NEEDED = { platt: 20, isotonic: 200 }

/**
 * Fits a calibration to probabilities [n] in [0, 1] against labels [n] 0 or 1 of the validation part; never the test part,
 * whose scores it would flatter. `platt` needs 20 rows, `isotonic`, which takes any shape, 200.
 * Sources: Platt (1999), Advances in Large Margin Classifiers, 61–74; Zadrozny & Elkan (2002), KDD 8, 694–699, for isotonic;
 * Niculescu-Mizil & Caruana (2005), ICML 22, 625–632, for how many rows each needs.
 */
export function fitCalibration(
  kind: Calibration['kind'],
  labels: ArrayLike<number>,
  probabilities: Float64Array,
): Outcome<Calibration, NotCalibrated> {
  const n = probabilities.length
  if (n < NEEDED[kind]) return refuse({ kind: 'too-few', observations: n, needed: NEEDED[kind] })
  const row = probabilities.findIndex((p) => !Number.isFinite(p))
  if (row >= 0) return refuse({ kind: 'not-finite', row })
  const positives = Array.from(labels).filter((label) => label === 1).length
  if (positives === 0 || positives === n) return refuse({ kind: 'one-class' })
  return kind === 'platt' ? plattOf(labels, probabilities) : isotonicOf(labels, probabilities)
}

/** The calibrated probabilities, [n] in [0, 1]; NaN where `probabilities` is. Row by row: none depends on another. */
export function calibrated(calibration: Calibration, probabilities: Float64Array): Float64Array {
  switch (calibration.kind) {
    case 'platt': {
      const { slope, intercept } = calibration
      return probabilities.map((p) => 1 / (1 + Math.exp(-(slope * logit(p) + intercept))))
    }
    case 'isotonic':
      return probabilities.map((p) => isotonicAt(calibration, p))
    default:
      return calibration satisfies never
  }
}

function plattOf(labels: ArrayLike<number>, probabilities: Float64Array): Outcome<Calibration, NotCalibrated> {
  const line = sigmoidFit(labels, probabilities.map(logit))
  return line.slope > 0 ? ok({ kind: 'platt', ...line }) : refuse({ kind: 'reversed' })
}

function isotonicOf(labels: ArrayLike<number>, probabilities: Float64Array): Outcome<Calibration, NotCalibrated> {
  const steps = isotonic(probabilities, labels)
  return steps.values.length > 1 ? ok({ kind: 'isotonic', ...steps }) : refuse({ kind: 'reversed' })
}

/** Kept off the ends, where it is infinite. */
function logit(p: number): number {
  const kept = Math.min(1 - 1e-12, Math.max(1e-12, p))
  return Math.log(kept) - Math.log1p(-kept)
}
