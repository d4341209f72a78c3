import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { type Database, databaseAt } from '#database/connection.client.ts'
import { connect } from '#database/session.client.ts'

const CONNECTIONS = 5

/** An empty, migrated database of the test's own; `close` drops it. */
export async function freshDatabase(): Promise<Database> {
  const template = new URL(inject('templateUrl'))
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await asAdmin(template, `create database ${name} template ${template.pathname.slice(1)} strategy file_copy`)
  const database = databaseAt(withPath(template, name), CONNECTIONS)
  const close = async () => {
    await database.close()
    await asAdmin(template, `drop database ${name} with (force)`)
  }
  return { ...database, close }
}

async function asAdmin(template: URL, statement: string): Promise<void> {
  const admin = await connect(withPath(template, 'postgres'))
  await admin.query(statement)
  await admin.end()
}

function withPath(url: URL, database: string): string {
  return new URL(`/${database}`, url).href
}
