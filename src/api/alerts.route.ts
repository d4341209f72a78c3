import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { z } from 'zod'
import { acknowledgeAlert } from '#alerts/alerts.store.ts'
import { alertsView } from '#desk/alerts.store.ts'
import { epochMs } from '#domain/units.ts'
import { AlertsView } from './contract.ts'

const BY = 'page'

/** Alerts of every book, with what became of telling them, and that a person has seen one. */
export function alertRoutes({ pool }: { readonly pool: pg.Pool }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/alerts',
      {
        schema: {
          summary: 'Open alerts, and the newest of the others',
          querystring: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100).describe('of the others') }),
          response: { 200: AlertsView },
        },
      },
      ({ query: { limit } }) => alertsView(pool, { limit }),
    )

    app.post(
      '/alerts/:id/acknowledge',
      {
        schema: {
          summary: 'Somebody has seen it: it is not told again',
          params: z.object({ id: z.string() }),
          response: { 204: z.null() },
        },
      },
      async ({ params: { id } }, reply) => {
        await acknowledgeAlert(pool, id, { by: BY, at: epochMs(Date.now()) })
        return reply.code(204).send(null)
      },
    )
    done()
  }
}
