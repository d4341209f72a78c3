import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { hostOf } from './data-host.ts'
import { uuidFrom } from './ids.ts'
import type { StreamKeys } from './market-session.ts'
import { queryFrom } from './query-text.ts'
import { createRateLimit } from './rate-limit.ts'
import { refusal } from './refusal.ts'
import { answerToUnread } from './unread-request.ts'

const MOST_BODY_BYTES = 1024 * 1024
/** Request line and headers: ten thousand symbols in one query fit. */
const MOST_HEAD_BYTES = 64 * 1024

/**
 * The HTTP side without routes: keys, Alpaca's headers and error bodies, and bodies that may be empty. `requestsPerMinute` is
 * what a key has at each host; undefined holds nothing back.
 */
export function createHttp(keys: StreamKeys, requestsPerMinute: number | undefined): FastifyInstance {
  const allow = createRateLimit(requestsPerMinute)
  let requests = 0
  const nextId = () => uuidFrom('request', requests++).replace(/-/g, '')
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: MOST_BODY_BYTES,
    http: { maxHeaderSize: MOST_HEAD_BYTES },
    // Beyond that nothing is read at all, so what is too long for a name is simply not found.
    routerOptions: { maxParamLength: MOST_HEAD_BYTES, querystringParser: queryFrom },
    frameworkErrors: ({ statusCode = 400 }, _, reply: FastifyReply) =>
      reply.code(statusCode).header('x-request-id', nextId()).send(refusal(statusCode, 'invalid path').body),
    clientErrorHandler: ({ code }, socket) => {
      if (socket.writable) socket.end(answerToUnread(code, nextId()))
      else socket.destroy()
    },
  })
  // Whatever a client calls its body, it is JSON: some name another type, or none.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(body.toString()))
    } catch {
      done(Object.assign(new Error('request body is not JSON'), { statusCode: 400 }))
    }
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', nextId())
    if (request.url.startsWith('/sandbox/')) return
    const allowance = allow(hostOf(request.url), Date.now())
    reply.header('x-ratelimit-limit', allowance.limit)
    reply.header('x-ratelimit-remaining', allowance.remaining)
    reply.header('x-ratelimit-reset', allowance.resetSeconds)
    const denied = denialOf(request, keys)
    if (denied) return reply.code(denied.status).send(denied.body)
    if (allowance.isExceeded) return reply.code(429).send(refusal(429, 'too many requests.').body)
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
  const given = keysOf(request, keys)
  if (given.keyId === keys.keyId && given.secret === keys.secret) return undefined
  return hostOf(request.url) === 'data' ? refusal(403, 'forbidden.') : refusal(401, 'unauthorized.')
}

function keysOf({ headers }: FastifyRequest, keys: StreamKeys): { readonly keyId: unknown; readonly secret: unknown } {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')
  // An OAuth token stands for both.
  if (bearer) return { keyId: keys.keyId, secret: bearer[1] }
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')
  if (!basic) return { keyId: headers['apca-api-key-id'], secret: headers['apca-api-secret-key'] }
  const [keyId, secret] = Buffer.from(basic[1], 'base64').toString().split(':', 2)
  return { keyId, secret }
}
