import type { FastifyInstance } from 'fastify'

/** The protocol version that clients are told. */
const PROTOCOL = '3.6.0'
const OPEN = { config: { isOpen: true } }

/** What tools and clients ask of the server itself; whether it is alive, everyone may ask. */
export function addServerInfo(app: FastifyInstance): void {
  app.get('/health', OPEN, () => 'OK')
  app.get('/version', OPEN, () => PROTOCOL)
  for (const prefix of ['/api', '/ajax-api']) {
    app.get(`${prefix}/3.0/mlflow/server-info`, () => ({
      store_type: 'SqlStore',
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: true,
      multipart_downloads_enabled: false,
    }))
  }
}
