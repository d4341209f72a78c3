import type { Sql } from './connection.client.ts'

const KEY = 7_350_119

/** Counts the session among the server's members until it ends, however it ends. */
export async function becomeMember(sql: Sql): Promise<void> {
  await sql.query('select pg_advisory_lock_shared($1)', [KEY])
}

/** True when no other session is a member; of a member that leaves, under the lock that those who come take too. */
export async function isLastMember(sql: Sql): Promise<boolean> {
  const { rows } = await sql.query<{ last: boolean }>('select pg_try_advisory_lock($1) as last', [KEY])
  return rows[0]?.last === true
}

/** How many sessions are members. */
export async function countMembers(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ members: number }>(
    `select count(*)::int as members from pg_locks
     where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
       and classid = 0 and objid = $1 and granted`,
    [KEY],
  )
  return rows[0]?.members ?? 0
}

/** Makes the database of that name unless there is one. */
export async function makeDatabase(sql: Sql, name: string): Promise<void> {
  const { rowCount } = await sql.query('select from pg_database where datname = $1', [name])
  if (rowCount === 0) await sql.query(`create database ${name}`)
}
