import { describe, expect, test } from 'vitest'
import type { PriceColumn } from '#domain/units.ts'
import { loadKernel } from '#network/kernel.file.ts'
import { train } from '#network/training.ts'
import { assemblePairModel } from './assemble-pair-model.ts'
import { examplePair, TRADING } from './example-pair.ts'
import { forecast } from './forecast.ts'
import { prepareTraining, type TrainingInput } from './training-set.ts'

const { kernel } = await loadKernel('simd')

/** Trains on the input and forecasts its last row. */
function forecastOf(input: TrainingInput) {
  const prepared = prepareTraining(input)
  if (!prepared.ok) throw new Error(prepared.why.kind)
  const model = assemblePairModel(prepared.value.context, train(prepared.value.job, kernel), TRADING)
  const { probability, volatility } = forecast(model, input.y, input.x)
  if (!probability.ok || volatility === undefined) throw new Error('no forecast')
  return { probability: probability.value, volatility, kind: model.variance.kind }
}

const plain = examplePair()
const expected = forecastOf(plain)
const { alpha, beta } = plain.hedge
const mapped = (column: PriceColumn, change: (price: number) => number) => column.map(change) as PriceColumn

describe.each([0.01, 100])('a model that is trained and asked at %d times the scale', (scale) => {
  test('forecasts the same where both legs are priced in another unit', () => {
    const input = examplePair({
      y: mapped(plain.y, (price) => scale * price),
      x: mapped(plain.x, (price) => scale * price),
      // α takes up the change of unit: ln(c y) = α + (1 − β) ln c + β ln(c x) + spread.
      hedge: { alpha: alpha + (1 - beta) * Math.log(scale), beta },
    })
    const other = forecastOf(input)
    expect(other.kind).toBe('garch')
    expect(other.probability).toBeCloseTo(expected.probability, 4)
    expect(other.volatility / expected.volatility).toBeCloseTo(1, 4)
  })

  test('forecasts the same probability, and a volatility times the scale, where the spread itself is so much wider', () => {
    // The spread of y to the power of c on x to the power of c is c times the spread.
    const input = examplePair({
      y: mapped(plain.y, (price) => price ** scale),
      x: mapped(plain.x, (price) => price ** scale),
      hedge: { alpha: scale * alpha, beta },
    })
    const other = forecastOf(input)
    expect(other.kind).toBe('garch')
    expect(other.probability).toBeCloseTo(expected.probability, 4)
    expect(other.volatility / (scale * expected.volatility)).toBeCloseTo(1, 4)
  })
})
