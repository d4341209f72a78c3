import { Fault } from '#domain/fault.ts'
import { type Database, databaseAt } from './connection.client.ts'
import { connectionFault } from './connection-fault.ts'
import { joinEmbeddedServer, type ServerOptions } from './embedded.server.ts'
import { migrate } from './migrate.store.ts'
import { connect } from './session.client.ts'

const OLDEST_VERSION = 15

/**
 * Opens the database at `url`, or else the embedded one under `home`, brought to this program's schema. `onNotice` takes a line for the
 * person who started us. Throws a Fault with one of the codes DATABASE_…, HOME_… or DISK_FULL.
 */
export async function openDatabase(
  options: ServerOptions & { readonly url: string | undefined; readonly poolConnections: number },
): Promise<Database> {
  if (options.url !== undefined) {
    await checkServer(options.url)
    await migrate(options.url)
    return databaseAt(options.url, options.poolConnections)
  }
  const { url, leave } = await joinEmbeddedServer(options)
  try {
    await migrate(url)
  } catch (failure) {
    await leave()
    throw failure
  }
  const database = databaseAt(url, options.poolConnections)
  const close = async () => {
    await database.close()
    await leave()
  }
  return { ...database, close }
}

async function checkServer(url: string): Promise<void> {
  const client = await connect(url).catch((failure: unknown) => {
    throw connectionFault(url, failure)
  })
  const { rows } = await client.query<{ version: number }>(`select current_setting('server_version_num')::int / 10000 as version`)
  await client.end()
  const [{ version }] = rows
  if (version >= OLDEST_VERSION) return
  throw new Fault(
    'DATABASE_TOO_OLD',
    `DATABASE_URL points to PostgreSQL ${version}; Spreadworks needs ${OLDEST_VERSION} or newer.`,
  )
}
