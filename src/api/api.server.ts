import type { ServerResponse } from 'node:http'
import { isAbsolute, relative, resolve } from 'node:path'
import helmet from '@fastify/helmet'
import serveFiles from '@fastify/static'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { type FastifyInstance } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { Fault, wrongRequest } from '#domain/fault.ts'
import { alertRoutes } from './alerts.route.ts'
import { isLoopback, refusalOf } from './callers.ts'
import type { SettingRow } from './contract.ts'
import { eventRoutes } from './events.route.ts'
import { openFeeds } from './feeds.server.ts'
import type { FlowControl } from './flow-control.ts'
import { flowRoutes } from './flows.route.ts'
import { marketRoutes } from './market.route.ts'
import { problemFrom, problemOf } from './problems.ts'
import { quarantineRoutes } from './quarantine.route.ts'
import { runRoutes } from './runs.route.ts'
import { viewRoutes } from './views.route.ts'

export type ApiOptions = {
  readonly pool: pg.Pool
  /** Folder of the built web app, absolute. */
  readonly webFolder: string
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly version: string
  readonly flows: FlowControl
  readonly settings: readonly SettingRow[]
  /** Sectors that the configuration names as traded; empty: all. */
  readonly activeSectors: readonly string[]
  /** Told what went wrong behind an answer of 500 and in the streams. */
  readonly onFailure: (failure: unknown) => void
}

/** An open API with the page on it. */
export type Api = {
  /** Where it answers, without a slash at the end. */
  readonly url: string
  /** Ends every open stream and stops listening; resolves within a second. The pool stays open. */
  readonly close: () => Promise<void>
}

/**
 * Opens the API, its description at /docs, and the page. Throws Fault PORT_TAKEN or ADDRESS_UNAVAILABLE when it cannot
 * listen, HOST_OPEN when others than this machine could reach it: there are no users yet whom it could tell apart.
 */
export async function openApi(options: ApiOptions): Promise<Api> {
  if (!isLoopback(options.host)) throw openDoor(options.host)
  const app = fastify({ forceCloseConnections: true, logger: false, routerOptions: { maxParamLength: 200 } })
  const streams = new Set<ServerResponse>()
  const feeds = await openFeeds({
    pool: options.pool,
    flows: options.flows,
    onFailure: (failure) => {
      if (app.server.listening) options.onFailure(failure)
    },
  })
  try {
    await furnish(app, options)
    await app.register(viewRoutes({ ...options, feeds }), { prefix: '/api' })
    await app.register(marketRoutes(options), { prefix: '/api' })
    await app.register(quarantineRoutes(options), { prefix: '/api' })
    await app.register(alertRoutes(options), { prefix: '/api' })
    await app.register(flowRoutes(options.flows), { prefix: '/api' })
    await app.register(runRoutes(options.flows, streams), { prefix: '/api' })
    await app.register(eventRoutes(feeds, streams), { prefix: '/api' })
    const url = await listen(app, options)
    return { url, close: () => closeAll(app, feeds, streams) }
  } catch (failure) {
    await closeAll(app, feeds, streams)
    throw failure
  }
}

function openDoor(host: string): Fault {
  return wrongRequest(
    'HOST_OPEN',
    `The page is not offered on ${host}, since anybody who reaches that address could act on it; listen on 127.0.0.1 and forward the port (ssh -L).`,
  )
}

async function closeAll(app: FastifyInstance, feeds: { close: () => void }, streams: ReadonlySet<ServerResponse>): Promise<void> {
  feeds.close()
  for (const stream of streams) stream.destroy()
  await app.close()
}

async function furnish(app: FastifyInstance, { host, version, webFolder, onFailure }: ApiOptions): Promise<void> {
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.addHook('onRequest', async ({ headers }, reply) => {
    const refusal = refusalOf({ host: headers.host, origin: headers.origin }, host)
    if (refusal)
      await reply
        .code(403)
        .type('application/problem+json')
        .send(JSON.stringify(problemOf(403, refusal.code, refusal.sentence)))
  })
  app.setErrorHandler(async (failure, _request, reply) => {
    const problem = problemFrom(failure)
    if (problem.status === 500) onFailure(failure)
    await reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  })
  await app.register(helmet, SAFETY)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Spreadworks', description: 'What the page reads and what it can start.', version },
    },
    transform: jsonSchemaTransform,
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  await servePage(app, webFolder)
}

/**
 * Nothing comes from elsewhere and no script stands in the page. Styles alone may be inline: the components set the width
 * of a bar or the place of a menu that way, and a style cannot run code.
 */
const SAFETY = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
      formAction: ["'self'"],
    },
  },
  // The server speaks plain HTTP; whoever puts TLS before it sets this there.
  strictTransportSecurity: false,
}

/** Files of the built page; any other address outside /api is the page too, which knows its own addresses. */
async function servePage(app: FastifyInstance, webFolder: string): Promise<void> {
  await app.register(serveFiles, {
    root: webFolder,
    setHeaders: (reply, path) => {
      const isNamedByContent = isWithin(resolve(webFolder, 'assets'), path)
      reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  app.setNotFoundHandler(async ({ method, url }, reply) => {
    if (method === 'GET' && !/^\/(api|docs|assets)(\/|\?|$)/.test(url)) return reply.sendFile('index.html')
    const problem = problemOf(404, 'ADDRESS_UNKNOWN', `Nothing answers ${method} ${url}; /docs lists what does.`)
    return reply.code(404).type('application/problem+json').send(JSON.stringify(problem))
  })
}

function isWithin(folder: string, path: string): boolean {
  const inside = relative(folder, path)
  return !inside.startsWith('..') && !isAbsolute(inside)
}

async function listen(app: FastifyInstance, { host, port }: ApiOptions): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? failure.code : undefined
    if (code === 'EADDRINUSE') {
      throw new Fault(
        'PORT_TAKEN',
        `Port ${port} on ${host} is taken by another program; stop it or start with --port and another number.`,
        { cause: failure },
      )
    }
    if (code === 'EADDRNOTAVAIL' || code === 'EACCES' || code === 'ENOTFOUND') {
      throw new Fault(
        'ADDRESS_UNAVAILABLE',
        `This machine cannot listen on ${host}:${port} (${code}); give an address of its own with --host and a port above 1023.`,
        { cause: failure },
      )
    }
    throw failure
  }
  const address = app.server.address()
  return `http://${host.includes(':') ? `[${host}]` : host}:${typeof address === 'object' && address !== null ? address.port : port}`
}
