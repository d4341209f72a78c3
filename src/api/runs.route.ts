import type { ServerResponse } from 'node:http'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { wrongRequest } from '#domain/fault.ts'
import { FlowRun, LogLine, RunDetail, RunList } from './contract.ts'
import type { FlowControl, RunSearch } from './flow-control.ts'
import { openLogStream } from './run-log-stream.server.ts'

const Id = z.object({ id: z.string() })
const Repeated = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat())
  .optional()
const Flag = z.enum(['true', 'false']).default('false')

const Search = z.object({
  flow: z.string().optional(),
  state: z
    .union([FlowRun.shape.state, z.array(FlowRun.shape.state)])
    .transform((value) => [value].flat())
    .optional()
    .describe('may be repeated'),
  since: z.coerce.number().optional().describe('epoch ms: begun then or later'),
  until: z.coerce.number().optional().describe('epoch ms: begun before'),
  tag: z.string().optional(),
  fact: Repeated.describe('name=value, such as pair=XOM-CVX; may be repeated'),
  children: Flag.describe('also the runs that other runs began'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  offset: z.coerce.number().int().min(0).default(0),
})

const Page = z.object({
  after: z.coerce.number().int().min(0).optional().describe('lines after this id'),
  before: z.coerce.number().int().min(0).optional().describe('lines before this id'),
  level: LogLine.shape.level.optional().describe('this level and those above it'),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  follow: Flag.describe('server-sent events: those lines, then each as it is written, until the run has ended'),
})

/** Runs: find, look into, follow, cancel, retry. `open` holds the streams that are followed, so that a server that closes can end them. */
export function runRoutes(flows: FlowControl, open: Set<ServerResponse>): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/runs',
      { schema: { summary: 'Runs, newest first', querystring: Search, response: { 200: RunList } } },
      ({ query }) => flows.find(searchOf(query)),
    )

    app.get(
      '/runs/:id',
      { schema: { summary: 'A run with its steps and children', params: Id, response: { 200: RunDetail } } },
      ({ params }) => flows.run(params.id),
    )

    app.get(
      '/runs/:id/logs',
      { schema: { summary: 'What a run wrote down', params: Id, querystring: Page, response: { 200: z.array(LogLine) } } },
      async ({ params, query: { follow, ...page }, headers }, reply) => {
        if (follow === 'false') return [...(await flows.logs(params.id, withoutUndefined(page)))]
        // An unknown run is refused while that can still be said.
        await flows.run(params.id)
        reply.hijack()
        const last = Number(headers['last-event-id'])
        const from = headers['last-event-id'] !== undefined && Number.isSafeInteger(last) ? { ...page, after: last } : page
        openLogStream(flows, { runId: params.id, page: withoutUndefined(from), stream: reply.raw, open })
        return reply
      },
    )

    app.post(
      '/runs/:id/cancel',
      { schema: { summary: 'Cancel a run and what it began', params: Id, response: { 204: z.null() } } },
      async ({ params }, reply) => {
        await flows.cancel(params.id)
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/runs/:id/retry',
      {
        schema: {
          summary: 'Begin again from a step',
          params: Id,
          body: z.object({
            place: z.number().int().min(0).optional().describe('of a step; the one that failed when left out'),
          }),
          response: { 202: z.object({ id: z.string() }) },
        },
      },
      async ({ params, body }, reply) => reply.code(202).send(await flows.retry(params.id, body.place)),
    )
    done()
  }
}

function searchOf({ flow, state, since, until, tag, fact, children, limit, offset }: z.infer<typeof Search>): RunSearch {
  const facts = fact && Object.fromEntries(fact.map(factFrom))
  return {
    ...withoutUndefined({ flow, states: state, since, until, tag, facts }),
    withChildren: children === 'true',
    limit,
    offset,
  }
}

function factFrom(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw wrongRequest('FACT_UNREADABLE', `'${text}' is no fact; write name=value, such as pair=XOM-CVX.`)
}

type Known<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> } & Pick<
  T,
  { [Key in keyof T]: undefined extends T[Key] ? never : Key }[keyof T]
>

/** The same without what is undefined, since a field that is left out is not one that is undefined. */
function withoutUndefined<T extends object>(fields: T): Known<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Known<T>
}
