import type { ServerResponse } from 'node:http'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { StreamEvent } from './contract.ts'
import type { Logged } from './event-log.ts'
import type { Feeds } from './feeds.server.ts'

const BEAT_MS = 5_000
const MOST_UNSENT_BYTES = 1_048_576
const AGAIN_AFTER_MS = 1_000

const Query = z.object({
  book: z.string().optional().describe('left out: flows and the first book only'),
  after: z.string().optional().describe('the id that a view was served with; Last-Event-ID goes before it'),
})

/**
 * Server-sent events of one book. Every event has an id from which a reader that lost its connection goes on; a beat comes
 * every 5 s. A reader that does not keep up is cut off and comes back.
 */
export function eventRoutes(feeds: Feeds, open: Set<ServerResponse>): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/events',
      { schema: { summary: 'Changes as they happen (text/event-stream)', querystring: Query, response: { 200: StreamEvent } } },
      async ({ query, headers }, reply) => {
        const feed = await feeds.of(query.book ?? null)
        const after = headers['last-event-id']
        reply.hijack()
        const stream = reply.raw
        stream.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        stream.write(`retry: ${AGAIN_AFTER_MS}\n\n`)
        open.add(stream)
        const stop = feed.watch(typeof after === 'string' ? after : query.after, (logged) => send(stream, textOf(logged)))
        const beat = setInterval(() => send(stream, `data: ${JSON.stringify({ kind: 'beat', at: Date.now() })}\n\n`), BEAT_MS)
        stream.once('close', () => {
          clearInterval(beat)
          stop()
          open.delete(stream)
        })
      },
    )
    done()
  }
}

function textOf({ id, event }: Logged<StreamEvent>): string {
  return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`
}

function send(stream: ServerResponse, text: string): void {
  if (stream.writableLength > MOST_UNSENT_BYTES) stream.destroy()
  else stream.write(text)
}
