import { getTableColumns, is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase } from '../../test/database.ts'
import type { Database } from './connection.client.ts'
import * as schema from './schema.store.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

test('the typed tables have exactly the columns, types and null rules that the migrations made', async () => {
  const { rows } = await database.pool.query<{ column: string }>(
    `select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || case when a.attnotnull then ' not null' else '' end as column
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'spreadworks'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and a.attnum > 0 and not a.attisdropped and c.relname <> 'migrations'
     order by 1`,
  )
  expect(typedColumns()).toEqual(rows.map((row) => row.column).sort())
})

function typedColumns(): string[] {
  const tables = Object.values(schema).filter((table) => is(table, PgTable))
  return tables
    .flatMap((table) =>
      Object.values(getTableColumns(table)).map(
        (column) =>
          `${getTableConfig(table).name}.${column.name} ${column.getSQLType().replace(/, /g, ',')}${column.notNull ? ' not null' : ''}`,
      ),
    )
    .sort()
}
