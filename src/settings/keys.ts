import type { z } from 'zod'
import { SettingsSchema } from './schema.ts'

/** One setting: where it stands in `Settings`, its key in the file, its variable, and what may be said of it. */
export type Key = {
  readonly part: string
  readonly name: string
  /** `pairs.maximum_p_value` */
  readonly path: string
  /** `SPREADWORKS_PAIRS_MAXIMUM_P_VALUE` */
  readonly variable: string
  readonly leaf: z.ZodType
}

/** Every setting that there is, in the order of the file. */
export const KEYS: readonly Key[] = Object.entries(SettingsSchema.shape).flatMap(([part, group]) =>
  Object.entries<z.ZodType>(group.shape).map(([name, leaf]) => {
    const path = `${snakeCase(part)}.${snakeCase(name)}`
    return { part, name, path, variable: `SPREADWORKS_${path.replace('.', '_').toUpperCase()}`, leaf }
  }),
)

function snakeCase(camel: string): string {
  return camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The one of `known` that takes the fewest typing errors to turn into `text`; the first of several. */
export function nearest(text: string, known: readonly string[]): string {
  const errors = known.map((candidate) => typingErrors(text, candidate))
  return known[errors.indexOf(Math.min(...errors))] ?? ''
}

/** Levenshtein distance: insertions, deletions and replacements of one character. Source: Levenshtein (1966). */
function typingErrors(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, above[j] + 1, row[j - 1] + 1))
    }
    above = row
  }
  return above[b.length]
}
