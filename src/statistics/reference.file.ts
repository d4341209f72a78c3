import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One golden case: what another program answered to an input. */
export type ReferenceCase = {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  readonly params: Readonly<Record<string, unknown>>
  readonly expected: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
}

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'shared', 'reference')

export const isReferenceAbsent = !existsSync(FOLDER)
export const WHY_ABSENT = 'the golden numbers of ../shared/reference are not on this machine'

/**
 * The cases of one golden file with series names resolved and `"NaN"`, `"Infinity"` and `"-Infinity"` as numbers;
 * none where the folder is absent.
 */
export function readReference(topic: string): ReferenceCase[] {
  if (isReferenceAbsent) return []
  const file = JSON.parse(readFileSync(join(FOLDER, `${topic}.json`), 'utf8'), (_, value) => NUMBERS.get(value) ?? value) as {
    readonly series: Readonly<Record<string, readonly number[]>>
    readonly cases: readonly (Omit<ReferenceCase, 'tags'> & { readonly tags?: readonly string[] })[]
  }
  const resolve = (value: unknown): unknown => {
    if (typeof value === 'string' && value.startsWith('@')) return file.series[value.slice(1)]
    return Array.isArray(value) ? value.map(resolve) : value
  }
  return file.cases.map((one) => ({
    ...one,
    tags: one.tags ?? [],
    input: Object.fromEntries(Object.entries(one.input).map(([key, value]) => [key, resolve(value)])),
  }))
}

/** A numeric array of a case, as a column. Throws TypeError for anything else. */
export function columnOf(value: unknown): Float64Array {
  if (!Array.isArray(value)) throw new TypeError(`expected an array of numbers, got ${typeof value}`)
  return Float64Array.from(value, Number)
}

/** The largest difference of two columns, relative where the expected value exceeds 1 in magnitude; NaN agrees with NaN. */
export function worstError(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 1): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i]) || actual[i] === expected[i]) continue
    const error = Math.abs(actual[i] - expected[i]) / Math.max(floor, Math.abs(expected[i]))
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error)
  }
  return worst
}

const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])
