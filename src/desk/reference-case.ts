import { z } from 'zod'
import { Fault } from '#domain/fault.ts'

/** One golden case: what another program answered to an input. Numbers that JSON lacks are numbers here. */
export type ReferenceCase = {
  readonly topic: string
  readonly name: string
  /** Names of series are replaced by their values. */
  readonly input: Readonly<Record<string, unknown>>
  readonly params: Readonly<Record<string, unknown>>
  readonly expected: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
}

const Fields = z.record(z.string(), z.unknown())
const GoldenFile = z.object({
  topic: z.string(),
  series: Fields,
  cases: z
    .array(
      z.object({
        name: z.string(),
        input: Fields,
        params: Fields,
        expected: Fields,
        tags: z.array(z.string()).optional(),
      }),
    )
    .min(1),
})

const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

/** The cases of a golden file's text. Throws REFERENCE_UNREADABLE for another shape; `file` names it then. */
export function decodeReference(text: string, file: string): ReferenceCase[] {
  const { topic, series, cases } = parsed(text, file)
  return cases.map(({ tags, input, ...one }) => ({
    ...one,
    topic,
    tags: tags ?? [],
    input: Object.fromEntries(Object.entries(input).map(([key, value]) => [key, resolved(value, series)])),
  }))
}

function parsed(text: string, file: string): z.output<typeof GoldenFile> {
  try {
    return GoldenFile.parse(JSON.parse(text, (_, value) => NUMBERS.get(value) ?? value))
  } catch (cause) {
    const sentence = `${file} is not a golden file: it must be JSON with a topic, series and at least one case of name, input, params and expected.`
    throw new Fault('REFERENCE_UNREADABLE', sentence, { exitCode: 2, cause })
  }
}

/** `@name` is a series; `series prefix.*` is the record of all series whose names begin so, without the prefix. */
function resolved(value: unknown, series: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(value)) return value.map((part) => resolved(part, series))
  if (typeof value !== 'string') return value
  if (value.startsWith('@')) return series[value.slice(1)]
  const prefix = /^series (.*\.)\*$/.exec(value)?.[1]
  if (prefix === undefined) return value
  const named = Object.entries(series).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(named.map(([name, values]) => [name.slice(prefix.length), values]))
}

/** Every number in `value`, depth first: null is NaN, true is 1. Throws TypeError for text and the like. */
export function numbersIn(value: unknown): Float64Array {
  return Float64Array.from(flat(value))
}

function flat(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  if (typeof value === 'boolean') return [value ? 1 : 0]
  if (value === null) return [Number.NaN]
  if (typeof value !== 'object') throw new TypeError(`expected numbers, got ${typeof value}`)
  return Object.values(value).flatMap(flat)
}

/** One input column. */
export function columnOf({ input }: ReferenceCase, key: string): Float64Array {
  return numbersIn(input[key])
}

/** An input that is a list of columns. */
export function columnsOf({ input }: ReferenceCase, key: string): Float64Array[] {
  return z.array(z.unknown()).parse(input[key]).map(numbersIn)
}

export function numberOf({ params }: ReferenceCase, key: string): number {
  return z.number().parse(params[key])
}

export function textOf({ params }: ReferenceCase, key: string): string {
  return z.string().parse(params[key])
}
