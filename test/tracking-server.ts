import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { artifactsIn } from '../standins/tracking-server/artifacts.file.ts'
import { openTrackingServer, type TrackingServerOptions } from '../standins/tracking-server/tracking-server.server.ts'
import { freshDatabase } from './database.ts'

const MOST_ARTIFACT_BYTES = 1 << 30

export type TestTrackingServer = {
  readonly url: string
  readonly pool: pg.Pool
  readonly folder: string
  readonly close: () => Promise<void>
}

/** A tracking server with an empty database and an empty folder of its own, open to everyone unless told otherwise; `close` removes all of it. */
export async function openTestServer(
  differing: Partial<Pick<TrackingServerOptions, 'access' | 'artifacts' | 'mostArtifactBytes'>> = {},
): Promise<TestTrackingServer> {
  const database = await freshDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'tracking-'))
  const artifacts = artifactsIn(join(folder, 'artifacts'))
  const server = await openTrackingServer({
    ...{ pool: database.pool, artifacts, mostArtifactBytes: MOST_ARTIFACT_BYTES, access: { kind: 'open' } },
    ...{ host: '127.0.0.1', port: 0, ...differing },
  })
  const close = async () => {
    await server.close()
    await database.close()
    await rm(folder, { recursive: true })
  }
  return { url: server.url, pool: database.pool, folder, close }
}
