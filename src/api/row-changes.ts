import type { BarCount } from '#desk/bar-count.ts'
import type { EpochMs } from '#domain/units.ts'

/** Remembers what a stream has told, so that only what is new or different is told again. */
export type Told = {
  /** The rows under `key` that are new or differ from those last asked about, in their order. */
  readonly changed: <Row>(key: string, rows: readonly Row[], idOf: (row: Row) => string) => Row[]
  /** Whether `value` differs from the one last asked about under `key`. */
  readonly isNews: (key: string, value: unknown) => boolean
  /** The latest instant told under `key`, or undefined before the first. */
  readonly lastInstant: (key: string) => EpochMs | undefined
  readonly setLastInstant: (key: string, at: EpochMs) => void
  /** The bars that were counted for what was told; undefined before the first. */
  counted: BarCount | undefined
  /** A memory of its own that starts from the same, so that what could not be told is not taken as told. */
  readonly copy: () => Told
}

/** A memory that holds nothing yet. Values are compared by their JSON. */
export function nothingTold(): Told {
  return memoryOf({ rowsTold: new Map(), valuesTold: new Map(), instants: new Map(), counted: undefined })
}

type Memory = {
  readonly rowsTold: Map<string, ReadonlyMap<string, string>>
  readonly valuesTold: Map<string, string>
  readonly instants: Map<string, EpochMs>
  readonly counted: BarCount | undefined
}

function memoryOf({ rowsTold, valuesTold, instants, counted }: Memory): Told {
  return {
    counted,
    copy() {
      return memoryOf({
        rowsTold: new Map(rowsTold),
        valuesTold: new Map(valuesTold),
        instants: new Map(instants),
        counted: this.counted,
      })
    },
    changed: (key, rows, idOf) => {
      const before = rowsTold.get(key)
      const now = new Map(rows.map((row) => [idOf(row), JSON.stringify(row)]))
      rowsTold.set(key, now)
      return rows.filter((row) => before?.get(idOf(row)) !== now.get(idOf(row)))
    },
    isNews: (key, value) => {
      const before = valuesTold.get(key)
      const now = JSON.stringify(value)
      valuesTold.set(key, now)
      return before !== now
    },
    lastInstant: (key) => instants.get(key),
    setLastInstant: (key, at) => instants.set(key, at),
  }
}
