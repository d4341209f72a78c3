import type { Column } from './data-table.tsx'
import { Unknown } from './figure-text.tsx'

type Measured<Row> = {
  readonly title: string
  readonly of: (row: Row) => number | null
  readonly show: (value: number) => string
  /** Why a row has no such figure. */
  readonly unknown: string
}

/** A column of figures that some rows do not have. */
export function measuredColumn<Row>({ title, of, show, unknown }: Measured<Row>): Column<Row> {
  return {
    title,
    isNumber: true,
    by: of,
    show: (row) => {
      const value = of(row)
      return value === null ? <Unknown reason={unknown} /> : show(value)
    },
  }
}
