import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { type ReactNode, useMemo } from 'react'
import table from './table.module.css'

/** One column: what stands in it, and what it sorts by (null goes last). `isNumber` aligns it right. */
export type Column<Row> = {
  readonly title: string
  readonly by: (row: Row) => string | number | null
  readonly show: (row: Row) => ReactNode
  readonly isNumber?: boolean
  readonly isWide?: boolean
}

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic },
})

type DataTableProps<Row> = {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string
}

/** Rows that can be sorted by any column. `columns` and `rows` keep their identity while nothing changes. */
export function DataTable<Row extends object>({ label, columns, rows, idOf }: DataTableProps<Row>) {
  const definitions = useMemo(() => columns.map(definitionOf), [columns])
  const grid = useTable({ features, columns: definitions, data: rows, getRowId: idOf })
  const shown = new Map(columns.map((column) => [column.title, column]))
  return (
    <table className={table.table} aria-label={label}>
      <thead>
        {grid.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            {group.headers.map(({ id, column }) => (
              <th
                key={id}
                scope="col"
                className={shown.get(id)?.isNumber ? table.number : undefined}
                aria-sort={SORTS[String(column.getIsSorted())]}
              >
                <button type="button" className={table.sort} onClick={column.getToggleSortingHandler()}>
                  {id}
                  {column.getIsSorted() !== false && <span aria-hidden="true">{MARKS[String(column.getIsSorted())]}</span>}
                </button>
              </th>
            ))}
          </tr>
        ))}
      </thead>
      <tbody>
        {grid.getRowModel().rows.map((row) => (
          <tr key={row.id}>
            {columns.map((column) => (
              <td key={column.title} className={classOf(column)}>
                {column.show(row.original)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const SORTS: Readonly<Record<string, 'ascending' | 'descending' | 'none'>> = {
  asc: 'ascending',
  desc: 'descending',
  false: 'none',
}
const MARKS: Readonly<Record<string, string>> = { asc: '↑', desc: '↓' }

function definitionOf<Row extends object>({ title, by }: Column<Row>): ColumnDef<typeof features, Row> {
  // Undefined is what the sorting puts last in either direction.
  return { id: title, accessorFn: (row: Row) => by(row) ?? undefined, sortUndefined: 'last' }
}

function classOf<Row>({ isNumber, isWide }: Column<Row>): string | undefined {
  if (isNumber) return table.number
  return isWide ? table.wide : undefined
}
