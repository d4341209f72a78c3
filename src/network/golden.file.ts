import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { layoutOf, type NetworkShape } from './shape.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'shared', 'reference')

/** Why tests against PyTorch's numbers cannot run, or false. */
export const GOLDEN_IS_ABSENT = existsSync(join(FOLDER, 'gru.json'))
  ? false
  : 'the golden numbers of ../shared/reference are absent'

const Numbers = z.record(z.string(), z.unknown())
const GoldenFile = z.object({
  series: z.record(z.string(), z.array(z.number())),
  cases: z.array(z.object({ name: z.string(), input: Numbers, params: Numbers, expected: Numbers })),
})

/** One golden file of the network: `gru` or `gru_full`. */
export type Golden = z.output<typeof GoldenFile>
export type GoldenCase = Golden['cases'][number]

/** Reads one golden file; no case where the folder is absent. */
export function readGolden(topic: 'gru' | 'gru_full'): Golden {
  if (GOLDEN_IS_ABSENT) return { series: {}, cases: [] }
  return GoldenFile.parse(JSON.parse(readFileSync(join(FOLDER, `${topic}.json`), 'utf8')))
}

/** All numbers of a nested array, row-major. */
export function flattened(value: unknown): Float64Array {
  return Float64Array.from([value].flat(Number.POSITIVE_INFINITY), Number)
}

/** The names that PyTorch gives to the parameters of a network of two GRU layers and a dense unit, in our flat order. */
const NAMES = ['gru1', 'gru2']
  .flatMap((layer) => ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'].map((name) => `${layer}.${name}`))
  .concat('fc.weight', 'fc.bias')

/** Named parameters (or gradients) of a two-layer network as one flat array. */
export function flatState(shape: NetworkShape, state: unknown): Float64Array {
  const named = Numbers.parse(state)
  const flat = new Float64Array(layoutOf(shape).count)
  let next = 0
  for (const name of NAMES) {
    const values = flattened(named[name])
    flat.set(values, next)
    next += values.length
  }
  return flat
}

/** The largest difference of two columns, relative where the expected value exceeds 1; infinite for other lengths. */
export function worstError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  const errors = Float64Array.from(expected, (value, i) => Math.abs(actual[i] - value) / Math.max(1, Math.abs(value)))
  return errors.some(Number.isNaN) ? Number.POSITIVE_INFINITY : errors.reduce((worst, error) => Math.max(worst, error), 0)
}
