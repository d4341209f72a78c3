import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { z } from 'zod'
import { quarantineDetail, quarantineEntryView, quarantineView } from '#desk/quarantine.store.ts'
import { epochMs } from '#domain/units.ts'
import { decideQuarantine } from '#market/quarantine.store.ts'
import { QuarantineDetailView, QuarantineEntryView, QuarantineView } from './contract.ts'

const Id = z.object({ id: z.string() })
const Note = z.object({ note: z.string().trim().min(1).max(1000).describe('why, for whoever reads it later') })
const BY = 'page'

/** Bars that are held back: what was found, with the evidence, and the decision of a person. */
export function quarantineRoutes({ pool }: { readonly pool: pg.Pool }): FastifyPluginCallbackZod {
  const now = () => epochMs(Date.now())
  const decide = async (id: string, action: 'accepted' | 'rejected', note: string) =>
    quarantineEntryView(await decideQuarantine(pool, id, { action, by: BY, note, at: now() }))
  return (app, _options, done) => {
    app.get(
      '/quarantine',
      {
        schema: {
          summary: 'Bars that are held back, and how the sources are',
          querystring: z.object({
            all: z.enum(['true', 'false']).default('false').describe('also what was decided or withdrawn'),
          }),
          response: { 200: QuarantineView },
        },
      },
      ({ query }) => quarantineView(pool, { isWhole: query.all === 'true', now: now() }),
    )

    app.get(
      '/quarantine/:id',
      { schema: { summary: 'An entry with what was done to it', params: Id, response: { 200: QuarantineDetailView } } },
      ({ params }) => quarantineDetail(pool, params.id),
    )

    app.post(
      '/quarantine/:id/accept',
      {
        schema: {
          summary: 'The bars are right: read them again',
          params: Id,
          body: Note,
          response: { 200: QuarantineEntryView },
        },
      },
      ({ params, body }) => decide(params.id, 'accepted', body.note),
    )

    app.post(
      '/quarantine/:id/reject',
      {
        schema: {
          summary: 'The bars are wrong: never read them',
          params: Id,
          body: Note,
          response: { 200: QuarantineEntryView },
        },
      },
      ({ params, body }) => decide(params.id, 'rejected', body.note),
    )
    done()
  }
}
