import { join } from 'node:path'
import { databaseAt } from '#database/connection.client.ts'
import { artifactsIn } from '../standins/tracking-server/artifacts.file.ts'
import { openTrackingServer } from '../standins/tracking-server/tracking-server.server.ts'

/** A tracking server in a process of its own, so that its memory is its own: told the database and a folder, it tells its address, and its peak memory when asked. */
const [databaseUrl = '', folder = ''] = process.argv.slice(2)
const database = databaseAt(databaseUrl, 2)
const server = await openTrackingServer({
  ...{ pool: database.pool, artifacts: artifactsIn(join(folder, 'artifacts')), mostArtifactBytes: 1 << 30 },
  ...{ access: { kind: 'open' }, host: '127.0.0.1', port: 0 },
})
process.on('message', () => process.send?.({ peakBytes: process.resourceUsage().maxRSS * 1024 }))
process.send?.({ url: server.url })
