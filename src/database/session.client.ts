import pg from 'pg'

const DATE_OID = 1082

/** A `date` is a name, not midnight somewhere: it stays text. Every other type is read as pg reads it. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === DATE_OID ? String : pg.types.getTypeParser(oid, format)),
}

/** How a connection presents itself to the server, and how its values are read. */
export function connectionTo(url: string): pg.ClientConfig {
  return { connectionString: url, application_name: 'spreadworks', types, keepAlive: true, connectionTimeoutMillis: 10_000 }
}

/** One connection, open. If it breaks, the next query on it throws. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(connectionTo(url))
  client.on('error', ignore)
  await client.connect()
  return client
}

/** What listens to the errors of idle connections: without a listener they would end the process. */
export function ignore(): void {}
