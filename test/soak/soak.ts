/** What a soak is asked: its cases from `seed` on, of which this is part `part` of `parts`, counted from 1. */
export type SoakTerms = {
  readonly seed: number
  readonly part: number
  readonly parts: number
  readonly tell: (line: string) => void
}

/** A long version of a test. `run` throws when one of its cases fails. */
export type Soak = { readonly name: string; readonly run: (terms: SoakTerms) => Promise<void> }
