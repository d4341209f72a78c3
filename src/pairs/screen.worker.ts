import { parentPort, workerData } from 'node:worker_threads'
import type { Pair } from '#domain/pair.ts'
import { type AssessedPair, assessPair } from './assess-pair.ts'
import type { ScreenRules } from './screened-pair.ts'

/** Everything that a thread needs once. Column i is rows [i · rows, (i + 1) · rows) of the shared log prices. */
export type ScreenThreadData = {
  readonly shared: SharedArrayBuffer
  readonly rows: number
  readonly symbols: readonly string[]
  readonly pairs: readonly Pair[]
  readonly rules: ScreenRules
}

/** Pairs [from, until) are to be assessed. */
type ScreenSlice = { readonly from: number; readonly until: number }

export type AssessedSlice = ScreenSlice & { readonly assessed: readonly AssessedPair[] }

if (parentPort) assessSlices(parentPort, workerData as ScreenThreadData)

function assessSlices(port: NonNullable<typeof parentPort>, { shared, rows, symbols, pairs, rules }: ScreenThreadData): void {
  const columns = new Map(
    symbols.map((symbol, i) => [symbol, new Float64Array(shared, i * rows * Float64Array.BYTES_PER_ELEMENT, rows)]),
  )
  const columnOf = (symbol: string) => {
    const column = columns.get(symbol)
    if (column === undefined) throw new RangeError(`${symbol} is in a pair but has no column`)
    return column
  }
  port.on('message', ({ from, until }: ScreenSlice) => {
    const assessed = pairs
      .slice(from, until)
      .map((pair) => assessPair(pair, { first: columnOf(pair.y), second: columnOf(pair.x) }, rules))
    port.postMessage({ from, until, assessed } satisfies AssessedSlice)
  })
}
