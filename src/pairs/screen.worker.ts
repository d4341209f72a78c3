import { parentPort, workerData } from 'node:worker_threads'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'
import type { AssessedPair } from './assess-pair.ts'
import { assessRow } from './screen.ts'
import type { ScreenRules } from './screened-pair.ts'
import { type PreparedFigures, prepareColumn } from './screened-symbol.ts'

/**
 * Everything that a thread needs once. Column i is rows [i · rows, (i + 1) · rows) of what is shared: closes until it was
 * prepared, log prices without spikes afterwards.
 */
export type ScreenThreadData = {
  readonly shared: SharedArrayBuffer
  readonly rows: number
  readonly headRows: number
  readonly symbols: readonly Symbol_[]
  readonly rules: ScreenRules
}

export type ScreenTask =
  | { readonly kind: 'prepare'; readonly place: number }
  /** Pairs of the symbol at places[row] with those at later places; every place was prepared before. */
  | { readonly kind: 'assess'; readonly places: readonly number[]; readonly row: number }

export type ScreenAnswer =
  | { readonly kind: 'prepared'; readonly figures: PreparedFigures }
  | { readonly kind: 'assessed'; readonly pairs: readonly AssessedPair[] }

if (parentPort) serve(parentPort, workerData as ScreenThreadData)

function serve(port: NonNullable<typeof parentPort>, data: ScreenThreadData): void {
  port.on('message', (task: ScreenTask) => port.postMessage(answerTo(task, data)))
}

function answerTo(task: ScreenTask, data: ScreenThreadData): ScreenAnswer {
  const { headRows, rules } = data
  switch (task.kind) {
    case 'prepare': {
      const column = columnAt(data, task.place)
      const { logPrices, ...figures } = prepareColumn(column, headRows, rules)
      column.set(logPrices)
      return { kind: 'prepared', figures }
    }
    case 'assess': {
      const symbols = task.places.map((place) => data.symbols[place])
      const columns = task.places.map((place) => columnAt(data, place))
      return { kind: 'assessed', pairs: assessRow({ symbols, columns, headRows }, task.row, rules) }
    }
    default:
      return task satisfies never
  }
}

function columnAt({ shared, rows }: ScreenThreadData, place: number): PriceColumn {
  return new Float64Array(shared, place * rows * Float64Array.BYTES_PER_ELEMENT, rows) as PriceColumn
}
