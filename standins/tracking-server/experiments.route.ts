import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import * as asked from './experiment-requests.ts'
import { searchExperiments } from './experiment-search.store.ts'
import {
  createExperiment,
  experimentById,
  experimentByName,
  moveExperiment,
  renameExperiment,
  tagExperiment,
  untagExperiment,
} from './experiments.store.ts'
import { assertExperimentName, assertExperimentTag } from './limits.ts'
import { offsetFrom, paged } from './page-token.ts'
import { fieldsOf } from './request-fields.ts'
import { datasetsOf } from './run-inputs.store.ts'
import { stagesOf } from './wire.ts'

/** Experiments below `prefix`. */
export function addExperiments(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.post(`${prefix}/experiments/create`, async (request) => {
    const { name, artifact_location, tags } = fieldsOf(asked.CreateExperiment, request)
    assertExperimentName(name)
    tags.forEach(assertExperimentTag)
    return { experiment_id: await createExperiment(pool, { name, artifactLocation: artifact_location, tags, at: Date.now() }) }
  })
  app.get(`${prefix}/experiments/get`, async (request) => ({
    experiment: await experimentById(pool, fieldsOf(asked.ExperimentNamed, request).experiment_id),
  }))
  app.get(`${prefix}/experiments/get-by-name`, async (request) => ({
    experiment: await experimentByName(pool, fieldsOf(asked.GetExperimentByName, request).experiment_name),
  }))
  app.post(`${prefix}/experiments/update`, async (request) => {
    const { experiment_id, new_name } = fieldsOf(asked.UpdateExperiment, request)
    if (new_name === undefined) return {}
    assertExperimentName(new_name)
    await renameExperiment(pool, experiment_id, { name: new_name, at: Date.now() })
    return {}
  })
  app.post(`${prefix}/experiments/delete`, (request) => moved(pool, request, 'deleted'))
  app.post(`${prefix}/experiments/restore`, (request) => moved(pool, request, 'active'))
  addExperimentTags(app, prefix, pool)
  addExperimentSearches(app, prefix, pool)
}

async function moved(pool: Pool, request: FastifyRequest, to: 'active' | 'deleted') {
  await moveExperiment(pool, fieldsOf(asked.ExperimentNamed, request).experiment_id, { to, at: Date.now() })
  return {}
}

function addExperimentTags(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.post(`${prefix}/experiments/set-experiment-tag`, async (request) => {
    const { experiment_id, ...tag } = fieldsOf(asked.SetExperimentTag, request)
    assertExperimentTag(tag)
    await tagExperiment(pool, experiment_id, tag)
    return {}
  })
  app.post(`${prefix}/experiments/delete-experiment-tag`, async (request) => {
    const { experiment_id, key } = fieldsOf(asked.DeleteExperimentTag, request)
    await untagExperiment(pool, experiment_id, key)
    return {}
  })
}

function addExperimentSearches(app: FastifyInstance, prefix: string, pool: Pool): void {
  const search = async (request: FastifyRequest) => {
    const { view_type, max_results, filter, order_by, page_token } = fieldsOf(asked.SearchExperiments, request)
    const page = { limit: max_results, offset: offsetFrom(page_token) }
    const found = await searchExperiments(pool, {
      stages: stagesOf(view_type),
      filter,
      orderBy: order_by,
      offset: page.offset,
      limit: page.limit + 1,
    })
    const { rows, ...next } = paged(found, page)
    return { experiments: rows, ...next }
  }
  app.post(`${prefix}/experiments/search`, search)
  app.get(`${prefix}/experiments/search`, search)
  app.post(`${prefix}/experiments/search-datasets`, async (request) => ({
    dataset_summaries: await datasetsOf(pool, fieldsOf(asked.SearchDatasets, request).experiment_ids),
  }))
}
