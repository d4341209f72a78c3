import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { createCluster, makeFolderFor, SUPERUSER } from '#database/cluster.server.ts'
import { freePort } from '#database/free-port.server.ts'
import { migrate } from '#database/migrate.store.ts'
import { startPostgres, stopPostgres } from '#database/postgres.server.ts'
import { installedBinaries, linkLibraries } from '#database/postgres-binaries.file.ts'
import { accountForServer } from '#database/server-account.server.ts'
import { connect } from '#database/session.client.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The migrated database that tests clone. */
    templateUrl: string
  }
}

/** What makes a server fast and careless: a test's data need not survive the machine. */
const CARELESS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  jit: 'off',
  shared_buffers: '64MB',
  max_connections: '200',
  log_min_messages: 'fatal',
}

/** One PostgreSQL for the whole run, with a migrated database that each test clones. */
export default async function startPostgresForTests(project: TestProject): Promise<() => Promise<void>> {
  const [binaries, account] = await Promise.all([installedBinaries(), accountForServer()])
  await linkLibraries(binaries)
  const folder = await mkdtemp(join(tmpdir(), 'spreadworks-test-'))
  await makeFolderFor(account, folder)
  const cluster = { binaries, data: join(folder, 'data'), account }
  const [password, port] = [randomUUID(), await freePort(0)]
  await createCluster(cluster, password)
  await startPostgres(cluster, { port, log: join(folder, 'log'), settings: CARELESS })
  const urlOf = (database: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`
  const admin = await connect(urlOf('postgres'))
  await admin.query('create database template_spreadworks')
  await admin.end()
  await migrate(urlOf('template_spreadworks'))
  project.provide('templateUrl', urlOf('template_spreadworks'))
  return async () => {
    await stopPostgres(cluster.data)
    await rm(folder, { recursive: true, force: true })
  }
}
