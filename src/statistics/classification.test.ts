import { expect, test } from 'vitest'
import { accuracy, areaUnderRoc, brierScore, confusionOf, f1, logLoss, precision, recall } from './classification.ts'
import { type Measure, measured } from './measure.ts'
import { columnOf, isReferenceAbsent, readReference, WHY_ABSENT } from './reference.file.ts'

const valueOr = (measure: Measure, fallback: number) => (measure.kind === 'measured' ? measure.value : fallback)

test('accuracy, precision, recall and F1 agree with scikit-learn; where it divides by zero they are undefined', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('classification').filter(({ params }) => params.zero_division !== undefined)
  for (const { name, input, params, expected } of cases) {
    const confusion = confusionOf(columnOf(input.y), columnOf(input.score), Number(params.threshold))
    const filled = Number(params.zero_division)
    expect(valueOr(precision(confusion), filled), name).toBeCloseTo(Number(expected.precision), 12)
    expect(valueOr(recall(confusion), filled), name).toBeCloseTo(Number(expected.recall), 12)
    expect(valueOr(f1(confusion), filled), name).toBeCloseTo(Number(expected.f1), 12)
    if (!Number.isNaN(expected.accuracy)) expect(accuracy(confusion), name).toEqual(measured(Number(expected.accuracy)))
  }
  expect(cases.length).toBeGreaterThan(30)
})

test('the area under the ROC curve agrees with scikit-learn, ties included, and is undefined where it raises', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('classification').filter(({ name }) => name.endsWith('_auc'))
  for (const { name, input, expected } of cases) {
    const area = areaUnderRoc(columnOf(input.y), columnOf(input.score))
    if (expected.error !== undefined) expect(area.kind, name).toBe('undefined')
    else expect(valueOr(area, Number.NaN), name).toBeCloseTo(Number(expected.roc_auc), 12)
  }
  expect(cases.length).toBeGreaterThan(15)
})

test('log loss agrees with scikit-learn', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('classification').filter(({ name }) => name.endsWith('_logloss'))
  for (const { name, input, expected } of cases)
    expect(valueOr(logLoss(columnOf(input.y), columnOf(input.score)), Number.NaN), name).toBeCloseTo(
      Number(expected.log_loss),
      12,
    )
  expect(cases.length).toBeGreaterThan(2)
})

test('the Brier score is 0 for a perfect and 1 for a perfectly wrong forecast', () => {
  expect(brierScore([0, 1], Float64Array.of(0, 1))).toEqual(measured(0))
  expect(brierScore([0, 1], Float64Array.of(1, 0))).toEqual(measured(1))
  expect(brierScore([], new Float64Array(0)).kind).toBe('undefined')
})
