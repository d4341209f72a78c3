import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import { numberOf } from './experiments.store.ts'
import { keptRunTag } from './limits.ts'
import { offsetFrom, paged } from './page-token.ts'
import { invalid, Refusal } from './refusal.ts'
import { fieldsOf } from './request-fields.ts'
import type { FoundRun, RunDocuments } from './run-documents.store.ts'
import { nameFor } from './run-name.ts'
import * as asked from './run-requests.ts'
import type { RunSearch } from './run-search.store.ts'
import type { RunWriter } from './run-writer.store.ts'
import { moveRun, type NewRun, RUN_NAME_TAG, untagRun, updateRun } from './runs.store.ts'
import { stagesOf } from './wire.ts'

/** What the routes of runs share. */
export type RunStores = {
  readonly pool: Pool
  readonly documents: RunDocuments
  readonly writer: RunWriter
  readonly search: (search: RunSearch) => Promise<FoundRun[]>
}

/** Runs below `prefix`: their life, and the search for them. */
export function addRuns(app: FastifyInstance, prefix: string, { pool, documents, writer, search }: RunStores): void {
  app.post(`${prefix}/runs/create`, async (request) => {
    const made = await writer.create(newRun(fieldsOf(asked.CreateRun, request), Date.now()))
    if (made instanceof Refusal) throw made
    return { run: made }
  })
  app.post(`${prefix}/runs/update`, async (request) => {
    const { status, end_time, run_name, ...named } = fieldsOf(asked.UpdateRun, request)
    return { run_info: await updateRun(pool, asked.runIdOf(named), { status, endTime: end_time, runName: run_name }) }
  })
  app.get(`${prefix}/runs/get`, async (request, reply) =>
    asJson(reply, `{"run":${await documents.byId(asked.runIdOf(fieldsOf(asked.RunNamed, request)))}}`),
  )
  app.post(`${prefix}/runs/delete`, (request) => moved(pool, request, 'deleted'))
  app.post(`${prefix}/runs/restore`, (request) => moved(pool, request, 'active'))
  app.post(`${prefix}/runs/delete-tag`, async (request) => {
    const { key, ...named } = fieldsOf(asked.DeleteTag, request)
    await untagRun(pool, asked.runIdOf(named), key)
    return {}
  })
  app.post(`${prefix}/runs/search`, async (request, reply) => {
    const { experiment_ids, filter, run_view_type, max_results, order_by, page_token } = fieldsOf(asked.SearchRuns, request)
    const page = { limit: max_results, offset: offsetFrom(page_token) }
    const found = await search({
      experimentIds: experiment_ids,
      stages: stagesOf(run_view_type),
      filter,
      orderBy: order_by,
      offset: page.offset,
      limit: page.limit + 1,
    })
    const { rows, ...next } = paged(found, page)
    const end = 'next_page_token' in next ? `,"next_page_token":${JSON.stringify(next.next_page_token)}}` : '}'
    return asJson(reply, `{"runs":[${(await documents.of(rows)).join(',')}]${end}`)
  })
}

/** The documents are JSON already; to read them in order to write them again would be most of the answer's cost. */
function asJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text)
}

async function moved(pool: Pool, request: FastifyRequest, to: 'active' | 'deleted') {
  await moveRun(pool, asked.runIdOf(fieldsOf(asked.RunNamed, request)), to)
  return {}
}

type Asked = {
  readonly experiment_id: string
  readonly user_id: string
  readonly run_name?: string | undefined
  readonly start_time?: number | undefined
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

/** The name is the field, the tag, or one of ours; an empty field is none. Throws a Refusal where field and tag differ. */
function newRun({ experiment_id, user_id, run_name = '', start_time, tags }: Asked, now: number): NewRun {
  const runId = randomUUID().replaceAll('-', '')
  const byKey = new Map(tags.map(keptRunTag).map(({ key, value }) => [key, value]))
  const tagged = byKey.get(RUN_NAME_TAG)
  if (run_name !== '' && tagged !== undefined && run_name !== tagged) {
    throw invalid(
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${run_name}', mlflow.runName='${tagged}').`,
    )
  }
  const runName = run_name === '' ? (tagged ?? nameFor(runId)) : run_name
  byKey.set(RUN_NAME_TAG, runName)
  return {
    runId,
    runName,
    experimentId: numberOf(experiment_id),
    userId: user_id,
    startTime: start_time ?? now,
    tags: Array.from(byKey, ([key, value]) => ({ key, value })),
  }
}
