import type { RunResult } from '#desk/flow-views.ts'
import type { StoredResult } from '#flows/flow-results.ts'

/** What a run left, as people see it: its kind, its own key, and its figures in words. */
export function resultView({ kind, reference, book, day, detail, at }: StoredResult): RunResult {
  return { kind, reference, book: book ?? null, day: day ?? null, says: figuresOf(detail), at }
}

/** `pairs 378, shortlisted 5`: the plain figures of a detail; what is nested is left to its own page. */
function figuresOf(detail: object): string {
  const plain = Object.entries(detail).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  return plain.map(([name, value]) => `${wordsOf(name)} ${value}`).join(', ')
}

function wordsOf(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}
