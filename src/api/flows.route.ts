import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { FlowRun } from './contract.ts'
import type { FlowControl } from './flow-control.ts'

/** Flows: the runs there are, start one, cancel one. */
export function flowRoutes(flows: FlowControl): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get('/flows', { schema: { summary: 'Runs, newest first', response: { 200: z.array(FlowRun) } } }, async () => [
      ...(await flows.list()),
    ])

    app.post(
      '/flows/:name',
      {
        schema: {
          summary: 'Start a flow',
          params: z.object({ name: z.string() }),
          body: z.object({ parameters: z.record(z.string(), z.unknown()) }),
          response: { 202: z.object({ id: z.string() }) },
        },
      },
      async ({ params, body }, reply) => {
        const { id } = await flows.start(params.name, body.parameters)
        return reply.code(202).send({ id })
      },
    )

    app.post(
      '/flows/:id/cancel',
      { schema: { summary: 'Cancel a run', params: z.object({ id: z.string() }), response: { 204: z.null() } } },
      async ({ params }, reply) => {
        await flows.cancel(params.id)
        return reply.code(204).send(null)
      },
    )
    done()
  }
}
