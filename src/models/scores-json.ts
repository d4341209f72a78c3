import { z } from 'zod'
import { type Measure, measured, undefinedBecause, type WhyUndefined } from '#statistics/measure.ts'
import type { ModelScores } from './scores.ts'

/** A measure in JSON: the number, or the reason why there is none. */
type MeasureJson = number | WhyUndefined

const measure = z
  .union([
    z.number(),
    z.enum([
      'no-observations',
      'not-finite',
      'no-variation',
      'one-class',
      'no-predicted-positives',
      'no-positives',
      'no-trades',
      'no-losses',
    ]),
  ])
  .transform((json): Measure => (typeof json === 'number' ? measured(json) : undefinedBecause(json)))

/** Decodes what `scoresToJson` writes. */
export const ScoresJson = z.object({
  testWindows: z.int().min(0),
  f1: measure,
  auc: measure,
  accuracy: measure,
  precision: measure,
  recall: measure,
  logLoss: measure,
  alwaysRevert: z.object({ f1: measure, accuracy: measure }),
  sharpe: measure,
  trades: z.int().min(0),
})

/** Scores as JSON: each measure a number, or the word that says why there is none. */
export function scoresToJson({ testWindows, trades, alwaysRevert, ...measures }: ModelScores): unknown {
  const { f1, accuracy } = alwaysRevert
  const named = Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, jsonOf(value)]))
  return { testWindows, trades, ...named, alwaysRevert: { f1: jsonOf(f1), accuracy: jsonOf(accuracy) } }
}

function jsonOf(value: Measure): MeasureJson {
  return value.kind === 'measured' ? value.value : value.why
}
