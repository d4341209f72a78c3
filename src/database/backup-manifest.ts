import { z } from 'zod'
import { type EpochMs, epochMs } from '#domain/units.ts'

/** What one table held: its rows, a sum over the hashes of all of them that does not depend on their order, and the file they are in. */
const TableCopy = z.object({
  schema: z.string(),
  table: z.string(),
  columns: z.array(z.string()),
  rows: z.number().int().nonnegative(),
  sum: z.string(),
  file: z.string(),
  bytes: z.number().int().nonnegative(),
  sha256: z.string(),
})

const Partitioning = z.object({ schema: z.string(), table: z.string(), partition: z.string(), bound: z.string() })
const SequenceValue = z.object({ schema: z.string(), sequence: z.string(), value: z.string() })

/** All that is needed to restore a backup, besides the files of its tables. Tables stand in an order in which each comes after those it refers to. */
export const BackupManifest = z.object({
  takenAt: z.number().transform((at): EpochMs => epochMs(at)),
  tables: z.array(TableCopy),
  partitions: z.array(Partitioning),
  sequences: z.array(SequenceValue),
})

export type BackupManifest = z.infer<typeof BackupManifest>
export type TableCopy = z.infer<typeof TableCopy>

/** A table whose restored copy is not what was copied. */
export type BackupDifference = { readonly table: string; readonly expected: string; readonly found: string }

/** Which tables differ between what was copied and what a restored database holds; none when all rows came back. */
export function backupDifferences(copied: readonly TableCopy[], found: ReadonlyMap<string, RowSum>): BackupDifference[] {
  return copied.flatMap(({ schema, table, rows, sum }) => {
    const name = `${schema}.${table}`
    const there = found.get(name)
    if (there?.rows === rows && there.sum === sum) return []
    return [{ table: name, expected: wordsOf({ rows, sum }), found: there === undefined ? 'no table' : wordsOf(there) }]
  })
}

/** Count and order-free hash of a table's rows. */
export type RowSum = { readonly rows: number; readonly sum: string }

function wordsOf({ rows, sum }: RowSum): string {
  return `${rows} rows (${sum})`
}
