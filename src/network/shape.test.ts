import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { initialWeights, layoutOf, parameterCount } from './shape.ts'

const SHAPE = { inputs: 10, sequence: 10, hidden: [64, 32], dropout: 0.255 }

test('parameters stand one behind the other, layer by layer, as PyTorch counts them', () => {
  const { layers, denseWeights, denseBias, count } = layoutOf(SHAPE)
  expect(layers.map(({ inputWeights, hiddenWeights }) => [inputWeights, hiddenWeights])).toEqual([
    [0, 1920],
    [14_592, 20_736],
  ])
  expect([denseWeights, denseBias, count]).toEqual([24_000, 24_032, 24_033])
  expect(parameterCount(SHAPE)).toBe(count)
})

test('first weights fill ±1/√hidden of their layer and come from the seed alone', () => {
  const weights = initialWeights(SHAPE, randomStream(1, 'weights'))
  const widest = (from: number, until: number) =>
    weights.subarray(from, until).reduce((most, w) => Math.max(most, Math.abs(w)), 0)
  expect(widest(0, 14_592)).toBeCloseTo(1 / 8, 3)
  expect(widest(14_592, 24_033)).toBeCloseTo(1 / Math.sqrt(32), 3)
  expect(weights).toEqual(initialWeights(SHAPE, randomStream(1, 'weights')))
  expect(weights).not.toEqual(initialWeights(SHAPE, randomStream(2, 'weights')))
})
