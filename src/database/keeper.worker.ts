/**
 * A process beside the embedded server that stops it when its members were killed and nobody came since. It knows them by the
 * locks that their sessions hold, and ends with the server. Arguments: the home folder, the server's port and its data folder.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { countMembers } from './membership.store.ts'
import { stopPostgres } from './postgres.server.ts'
import { withLock } from './process-lock.file.ts'
import { lockOf, urlOf } from './server-record.file.ts'
import { connect } from './session.client.ts'

const LOOK_EVERY_MS = 1000
const GRACE_MS = 10_000

const [home = '', port, data = ''] = process.argv.slice(2)
const session = await connect(await urlOf(home, { port: Number(port), database: 'postgres' }))
const endWithServer = () => process.exit()
session.once('end', endWithServer)

let isKept = true
while (isKept) {
  for (let emptySince = Date.now(); Date.now() - emptySince < GRACE_MS; await wait(LOOK_EVERY_MS)) {
    if ((await countMembers(session)) > 0) emptySince = Date.now()
  }
  await withLock(lockOf(home), async () => {
    isKept = (await countMembers(session)) > 0
    if (isKept) return
    // From here on the end of the server is ours, and the lock has still to be given back.
    session.off('end', endWithServer)
    await stopPostgres(data)
  })
}
