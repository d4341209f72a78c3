import { pearson } from './correlation.ts'
import {
  type CorrelationKernel,
  type CorrelationKernelExports,
  instantiate,
  type SharedMemory,
  sharedMemory,
} from './correlation-kernel.ts'
import { blocksOf, COUNTERS, type CorrelationLayout, deskOf, layoutOf, planWords } from './correlation-layout.ts'
import { type Correlations, cellCount, cellOf } from './correlations.ts'

/** Columns laid out in memory that threads share, to be correlated. */
export type CorrelationWork = { readonly memory: SharedMemory; readonly layout: CorrelationLayout }

/** One of the threads that share a piece of work; `thread` numbers them from 0, and the kernel is over their memory. */
export type CorrelationHand = { readonly kernel: CorrelationKernelExports; readonly thread: number }

/** Words of the counters. */
const NEXT_COLUMN = 0
const CENTRED = 1
const NEXT_BLOCK = 2

/** Columns that a thread takes at once to centre. */
const BATCH = 8

/** Rows of the columns, 0 for none. Throws RangeError where they differ. */
export function rowsOf(columns: readonly Float64Array[]): number {
  const rows = columns[0]?.length ?? 0
  const other = columns.find((column) => column.length !== rows)
  if (other) throw new RangeError(`columns of one length are needed, got ${rows} and ${other.length} rows`)
  return rows
}

/**
 * Pearson's correlation of every column with every other, on this thread. `columns`: [n] each, NaN where not observed.
 * A pair that keeps little of a column's variation over its common rows is left to `pearson`; all others are within 1e-12
 * of it. Throws RangeError where the columns are of different lengths or 4 GiB do not hold them.
 */
export function correlateColumns(columns: readonly Float64Array[], kernel: CorrelationKernel): Correlations {
  const layout = layoutOf({ columns: columns.length, rows: rowsOf(columns), threads: 1 })
  const work = { memory: sharedMemory(layout.bytes), layout }
  writeColumns(columns, work)
  takePart(work, { kernel: instantiate(kernel, work.memory), thread: 0 })
  return readCorrelations(work)
}

/** Writes the columns to where the threads find them, padded as the kernel wants them, and sets the counters back. */
export function writeColumns(columns: readonly Float64Array[], { memory, layout }: CorrelationWork): void {
  const { rows, columnBytes, plan, values, deviations, gaps } = layout
  new Uint32Array(memory.buffer, plan).set(planWords(layout))
  countersOf(memory, layout).fill(0)
  columns.forEach((column, i) => {
    const padded = new Float64Array(memory.buffer, values + i * columnBytes, columnBytes / 8)
    padded.set(column)
    padded.fill(Number.NaN, rows)
  })
  const unused = deviations + columns.length * columnBytes
  new Uint8Array(memory.buffer, unused, gaps - unused).fill(0)
}

/** What the threads found, in memory of its own. */
export function readCorrelations({ memory, layout }: CorrelationWork): Correlations {
  const cells = cellCount(layout.columns)
  return {
    columns: layout.columns,
    coefficients: new Float64Array(new Float64Array(memory.buffer, layout.coefficients, cells)),
    observations: new Int32Array(new Int32Array(memory.buffer, layout.observations, cells)),
  }
}

/** Does what the other threads leave of the work, then returns. Which thread does what changes nothing in what is found. */
export function takePart({ memory, layout }: CorrelationWork, { kernel, thread }: CorrelationHand): void {
  const counters = countersOf(memory, layout)
  centreColumns(layout, kernel, counters)
  const { desk, open } = deskOf(layout, thread)
  const blocks = blocksOf(layout.columns)
  const next = () => blocks[Atomics.add(counters, NEXT_BLOCK, 1)]
  for (let block = next(); block; block = next()) {
    const count = kernel.correlateBlock(layout.plan, block.top, block.left, desk)
    judgeOpenPairs(memory, layout, new Int32Array(memory.buffer, open, 2 * count))
  }
}

function countersOf(memory: SharedMemory, { counters }: CorrelationLayout): Int32Array<SharedArrayBuffer> {
  return new Int32Array(memory.buffer, counters, COUNTERS)
}

/** Returns when every column is centred, by whichever thread. */
function centreColumns(
  { columns, plan }: CorrelationLayout,
  kernel: CorrelationKernelExports,
  counters: Int32Array<SharedArrayBuffer>,
): void {
  const next = () => Atomics.add(counters, NEXT_COLUMN, BATCH)
  for (let from = next(); from < columns; from = next()) {
    const until = Math.min(columns, from + BATCH)
    for (let i = from; i < until; i++) kernel.centre(plan, i)
    Atomics.add(counters, CENTRED, until - from)
    Atomics.notify(counters, CENTRED)
  }
  for (let done = Atomics.load(counters, CENTRED); done < columns; done = Atomics.load(counters, CENTRED)) {
    Atomics.wait(counters, CENTRED, done)
  }
}

/** Writes what `pearson` gives of the columns as they came; NaN stays where it gives no coefficient. */
function judgeOpenPairs(memory: SharedMemory, layout: CorrelationLayout, pairs: Int32Array): void {
  const { columns, rows, columnBytes, values, coefficients } = layout
  const columnOf = (i: number) => new Float64Array(memory.buffer, values + i * columnBytes, rows)
  for (let at = 0; at < pairs.length; at += 2) {
    const [i, j] = pairs.subarray(at, at + 2)
    const judged = pearson(columnOf(i), columnOf(j))
    if (judged.kind !== 'correlated') continue
    new Float64Array(memory.buffer, coefficients)[cellOf(columns, i, j)] = judged.r
  }
}
