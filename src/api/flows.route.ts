import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { FlowView, QueueView, WorkerView } from './contract.ts'
import type { FlowControl } from './flow-control.ts'

const Name = z.object({ name: z.string() })
const Request = z.record(z.string(), z.unknown()).default({}).describe('as the flow’s JSON schema `takes` says')
const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date is written YYYY-MM-DD')
const Started = z.object({ id: z.string(), isNew: z.boolean().describe('false when the same run was begun before') })
const BY = 'page'

/** Flows: what there is, start one, let its schedule rest, make up for a range; and who carries them out. */
export function flowRoutes(flows: FlowControl): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/flows',
      { schema: { summary: 'Every flow with its schedule and last run', response: { 200: z.array(FlowView) } } },
      async () => [...(await flows.flows())],
    )

    app.get('/flows/:name', { schema: { summary: 'One flow', params: Name, response: { 200: FlowView } } }, ({ params }) =>
      flows.flow(params.name),
    )

    app.post(
      '/flows/:name/run',
      {
        schema: {
          summary: 'Start a flow',
          params: Name,
          body: z.object({
            parameters: Request,
            again: z.boolean().default(false).describe('begin another run where the same one has been before'),
          }),
          response: { 202: Started },
        },
      },
      async ({ params, body }, reply) =>
        reply.code(202).send(await flows.start(params.name, body.parameters, { isAgain: body.again })),
    )

    app.post(
      '/flows/:name/pause',
      { schema: { summary: 'Let a flow’s schedule rest', params: Name, response: { 200: FlowView } } },
      ({ params }) => flows.setPaused(params.name, true, BY),
    )

    app.post(
      '/flows/:name/resume',
      { schema: { summary: 'Let a flow’s schedule go on', params: Name, response: { 200: FlowView } } },
      ({ params }) => flows.setPaused(params.name, false, BY),
    )

    app.post(
      '/flows/:name/backfill',
      {
        schema: {
          summary: 'Start a run for each occurrence in a range',
          params: Name,
          body: z.object({ from: Day, through: Day, parameters: Request }),
          response: { 202: z.array(Started) },
        },
      },
      async ({ params, body: { parameters, ...range } }, reply) =>
        reply.code(202).send(await flows.backfill(params.name, range, parameters)),
    )

    app.get(
      '/workers',
      { schema: { summary: 'Processes that carry out runs', response: { 200: z.array(WorkerView) } } },
      async () => [...(await flows.workers())],
    )

    app.get(
      '/queues',
      { schema: { summary: 'What waits and what runs, by kind', response: { 200: z.array(QueueView) } } },
      async () => [...(await flows.queues())],
    )
    done()
  }
}
