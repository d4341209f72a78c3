/**
 * An MLflow-compatible tracking server and model registry on PostgreSQL. Each `*.route.ts` adds a part of the protocol; here they are
 * put together.
 */
import Fastify from 'fastify'
import type { Pool } from 'pg'
import { addAccess } from './access.route.ts'
import type { Access } from './access.ts'
import { addArtifactDownloads, addArtifactLists } from './artifact-views.route.ts'
import type { Artifacts } from './artifacts.file.ts'
import { addArtifacts } from './artifacts.route.ts'
import { readJsonBodies } from './json-body.server.ts'
import { addLoggedModels } from './logged-models.route.ts'
import { migrateTracking } from './migrate.store.ts'
import { refusalOf } from './refusal-of.ts'
import { addRegistry } from './registry.route.ts'
import { addServerInfo } from './server-info.route.ts'
import { addTracking, trackingStores } from './tracking.route.ts'
import { addUploads } from './uploads.route.ts'

const BODY_BYTES = 1 << 20
/** Every endpoint is answered below each of these: the 3.0 paths and those of the web page are the same ones. */
const PREFIXES = ['/api/2.0', '/api/3.0', '/ajax-api/2.0', '/ajax-api/3.0'] as const

export type TrackingServerOptions = {
  readonly pool: Pool
  readonly artifacts: Artifacts
  /** Whoever uploads an artifact of more bytes, or a part of more, is refused. */
  readonly mostArtifactBytes: number
  readonly access: Access
  readonly host: string
  readonly port: number
}
export type TrackingServer = { readonly url: string; readonly close: () => Promise<void> }

/** Serves the protocol until closed. `port` 0 takes a free one. */
export async function openTrackingServer(options: TrackingServerOptions): Promise<TrackingServer> {
  const { pool, artifacts, mostArtifactBytes: mostBytes, access, host, port } = options
  await migrateTracking(pool)
  const app = Fastify({ bodyLimit: BODY_BYTES, forceCloseConnections: true, routerOptions: { maxParamLength: 4096 } })
  readJsonBodies(app)
  app.setErrorHandler((cause, _request, reply) => {
    const refusal = refusalOf(cause)
    return reply.status(refusal.status).send({ error_code: refusal.code, message: refusal.message })
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.status(404).send({ error_code: 'ENDPOINT_NOT_FOUND', message: 'No such endpoint' }),
  )
  addAccess(app, access)
  addServerInfo(app)
  addArtifactDownloads(app, { pool, artifacts })
  const tracking = trackingStores(pool)
  for (const prefix of PREFIXES) {
    addTracking(app, `${prefix}/mlflow`, tracking)
    addRegistry(app, `${prefix}/mlflow`, pool)
    addLoggedModels(app, `${prefix}/mlflow`, pool)
    addArtifactLists(app, `${prefix}/mlflow`, { pool, artifacts })
    await app.register((scope) => addArtifacts(scope, `${prefix}/mlflow-artifacts/artifacts`, { artifacts, mostBytes }))
    await addUploads(app, `${prefix}/mlflow-artifacts/mpu`, { artifacts, mostBytes })
  }
  const url = await app.listen({ host, port })
  return { url, close: () => app.close() }
}
