import type { RandomStream } from '#domain/random.ts'

/** A setting as a search tries it: a number, a word, or a list such as the units of each layer. */
export type Setting = number | string | readonly number[]

/** What one setting may be. Ends belong to the range; `log-uniform` draws the logarithm evenly, from > 0. */
export type Dimension =
  | { readonly kind: 'choice'; readonly of: readonly Setting[] }
  | { readonly kind: 'uniform' | 'log-uniform' | 'whole'; readonly from: number; readonly until: number }

/** Settings by name, each with what it may be. */
export type SearchSpace = Readonly<Record<string, Dimension>>

/** One point of a space. */
export type Settings = Readonly<Record<string, Setting>>

/**
 * Draws a point: settings in the order of their names, so that a space means the same however it is written down. Throws
 * RangeError for an empty choice and for a range that is none.
 * Source: Bergstra & Bengio (2012), Journal of Machine Learning Research 13, 281–305, for drawing instead of a grid.
 */
export function drawSettings(space: SearchSpace, random: RandomStream): Settings {
  const names = Object.keys(space).sort()
  return Object.fromEntries(names.map((name) => [name, drawn(name, space[name], random)]))
}

function drawn(name: string, dimension: Dimension, random: RandomStream): Setting {
  if (dimension.kind === 'choice') {
    const chosen = dimension.of[random.below(dimension.of.length)]
    if (chosen === undefined) throw new RangeError(`there is nothing to choose for ${name}`)
    return chosen
  }
  const { kind, from, until } = dimension
  const isRange =
    from <= until && (kind !== 'log-uniform' || from > 0) && (kind !== 'whole' || [from, until].every(Number.isInteger))
  if (!isRange) throw new RangeError(`${name} cannot be drawn from [${from}, ${until}] as ${kind}`)
  if (kind === 'whole') return from + random.below(until - from + 1)
  if (kind === 'uniform') return from + (until - from) * random.uniform()
  // The exponential of a logarithm may miss the end by its last digit.
  return Math.min(until, Math.max(from, from * (until / from) ** random.uniform()))
}
