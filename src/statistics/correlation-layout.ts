import { cellCount } from './correlations.ts'

/** Where the columns and what is found of them stand in the memory that threads share: addresses and sizes in bytes. */
export type CorrelationLayout = {
  readonly columns: number
  readonly rows: number
  /** From one column to the next, of values and of deviations. */
  readonly columnBytes: number
  /** The table of assembly/plan.ts. */
  readonly plan: number
  /** Columns as they came, then about their means. */
  readonly values: number
  readonly deviations: number
  /** For each column, the rows at which it was not observed. */
  readonly gaps: number
  /** Four numbers a column. */
  readonly moments: number
  readonly coefficients: number
  readonly observations: number
  /** What threads take turns by. */
  readonly counters: number
  /** A desk for each thread, as assembly/index.ts uses it. */
  readonly desks: number
  readonly bytes: number
}

/** Columns of a block's side: a multiple of the kernel's tiles, and small enough that its columns stay in the second cache. */
const SIDE = 48
/** What a desk holds of each pair: its product, and its columns if it is left open. */
const PRODUCT_BYTES = 8
const PAIR_BYTES = PRODUCT_BYTES + 8
export const COUNTERS = 3

/** The widest tile of assembly/products.ts; it reads that many columns whether there are as many or not. */
const TILE = 6
const PLAN_WORDS = 10
const CACHE_LINE = 64
/** Most entries behind the rows of a column in its list of gaps: four rows of padding, and four times the last of them. */
const PADDING = 8

/** The columns from `top` on with the columns from `left` on. */
type Block = { readonly top: number; readonly left: number }

/** The blocks on and above the diagonal, row by row, so that a thread finds half of the next block's columns still near. */
export function blocksOf(columns: number): readonly Block[] {
  const starts = Array.from({ length: Math.ceil(columns / SIDE) }, (_, i) => i * SIDE)
  return starts.flatMap((top) => starts.filter((left) => left >= top).map((left) => ({ top, left })))
}

/** The desk of a thread, and where on it the open pairs are. */
export function deskOf({ desks }: CorrelationLayout, thread: number): { readonly desk: number; readonly open: number } {
  const desk = desks + thread * SIDE * SIDE * PAIR_BYTES
  return { desk, open: desk + SIDE * SIDE * PRODUCT_BYTES }
}

/** Lays `columns` of `rows` out for so many threads. */
export function layoutOf({
  columns,
  rows,
  threads,
}: {
  readonly columns: number
  readonly rows: number
  readonly threads: number
}): CorrelationLayout {
  let bytes = 0
  const take = (wanted: number) => {
    const address = bytes
    bytes += paddedTo(CACHE_LINE, wanted)
    return address
  }
  // An odd number of lines, so that the same row of neighbouring columns never falls on the same place of a cache.
  const columnBytes = (Math.ceil((rows + PADDING) / 8) | 1) * CACHE_LINE
  const layout = {
    columns,
    rows,
    columnBytes,
    plan: take(PLAN_WORDS * 4),
    values: take(columns * columnBytes),
    deviations: take(paddedTo(TILE, columns) * columnBytes),
    gaps: take((columns * columnBytes) / 2),
    moments: take(columns * 32),
    coefficients: take(cellCount(columns) * 8),
    observations: take(cellCount(columns) * 4),
    counters: take(COUNTERS * 4),
    desks: take(threads * SIDE * SIDE * PAIR_BYTES),
  }
  return { ...layout, bytes }
}

/** The words of the plan, in the order in which assembly/plan.ts reads them. */
export function planWords(layout: CorrelationLayout): readonly number[] {
  const { columns, rows, columnBytes, values, deviations, gaps, moments, coefficients, observations } = layout
  return [columns, rows, columnBytes, values, deviations, gaps, moments, coefficients, observations, SIDE]
}

function paddedTo(multiple: number, size: number): number {
  return Math.ceil(size / multiple) * multiple
}
