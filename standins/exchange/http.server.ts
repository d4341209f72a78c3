import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import { uuidFrom } from './ids.ts'
import type { StreamKeys } from './market-session.ts'
import { refusal } from './refusal.ts'

/** Told in the rate-limit headers. Nothing is held back here: the caller's own governor is what is being tried. */
const REQUESTS_PER_MINUTE = 1_000_000

/** The HTTP side without routes: keys, Alpaca's headers and error bodies, and bodies that may be empty. */
export function createHttp(keys: StreamKeys): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true, bodyLimit: 1024 * 1024 })
  let requests = 0
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(body.toString()))
    } catch {
      done(Object.assign(new Error('request body is not JSON'), { statusCode: 400 }))
    }
  })
  app.addHook('onRequest', async (request, reply) => {
    requests++
    reply.header('x-request-id', uuidFrom('request', requests).replace(/-/g, ''))
    reply.header('x-ratelimit-limit', REQUESTS_PER_MINUTE)
    reply.header('x-ratelimit-remaining', REQUESTS_PER_MINUTE - 1)
    reply.header('x-ratelimit-reset', Math.ceil(Date.now() / 60_000) * 60)
    const denied = denialOf(request, keys)
    if (denied) return reply.code(denied.status).send(denied.body)
  })
  app.setNotFoundHandler((request, reply) => {
    const { status, body } = refusal(404, `endpoint not found: ${request.method} ${request.url}`)
    return reply.code(status).send(body)
  })
  app.setErrorHandler<Error & { statusCode?: number }>((error, _, reply) => {
    const { status, body } = refusal(error.statusCode ?? 500, error.message)
    return reply.code(status).send(body)
  })
  return app
}

/** Wrong keys are 401 at Alpaca's trading host and 403 at its data host. */
function denialOf(request: FastifyRequest, keys: StreamKeys) {
  if (request.url.startsWith('/sandbox/')) return undefined
  const given = keysOf(request)
  if (given.keyId === keys.keyId && given.secret === keys.secret) return undefined
  const isData = request.url.startsWith('/v2/stocks') || request.url.startsWith('/v1beta')
  return isData ? refusal(403, 'forbidden.') : refusal(401, 'unauthorized.')
}

function keysOf({ headers }: FastifyRequest): { readonly keyId: unknown; readonly secret: unknown } {
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')
  if (!basic) return { keyId: headers['apca-api-key-id'], secret: headers['apca-api-secret-key'] }
  const [keyId, secret] = Buffer.from(basic[1], 'base64').toString().split(':', 2)
  return { keyId, secret }
}
