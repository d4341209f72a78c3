import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import * as asked from './logged-model.ts'
import { searchLoggedModels } from './logged-model-search.store.ts'
import * as models from './logged-models.store.ts'
import { offsetFrom, paged } from './page-token.ts'
import { fieldsOf, partsOf } from './request-fields.ts'

/** Logged models below `prefix`. */
export function addLoggedModels(app: FastifyInstance, prefix: string, pool: Pool): void {
  const root = `${prefix}/logged-models`
  app.post(root, async (request) => {
    const { experiment_id: experimentId, ...rest } = fieldsOf(asked.CreateLoggedModel, request)
    const modelId = `m-${randomUUID().replaceAll('-', '')}`
    const { name, model_type: modelType, source_run_id: sourceRunId, params, tags } = rest
    const model = { modelId, experimentId, modelType, sourceRunId, params, tags, at: Date.now() }
    return { model: await models.createLoggedModel(pool, { ...model, name: name === '' ? modelId : name }) }
  })
  app.post(`${root}/search`, async (request) => {
    const { max_results: limit, page_token, ...search } = fieldsOf(asked.SearchLoggedModels, request)
    const page = { offset: offsetFrom(page_token), limit }
    const { rows, ...next } = paged(await searchLoggedModels(pool, { ...search, ...page, limit: limit + 1 }), page)
    return { models: rows, ...next }
  })
  addOne(app, `${root}/:model_id`, pool)
}

function addOne(app: FastifyInstance, one: string, pool: Pool): void {
  const idOf = (request: { readonly params: unknown }) => partsOf(asked.LoggedModelNamed, request.params).model_id
  app.get(one, async (request) => {
    const isDeletedAllowed = fieldsOf(asked.GetLoggedModel, request).allow_deleted.toLowerCase() === 'true'
    return { model: await models.loggedModelById(pool, idOf(request), { isDeletedAllowed }) }
  })
  app.patch(one, async (request) => {
    const { status } = fieldsOf(asked.FinalizeLoggedModel, request)
    return { model: await models.finalizeLoggedModel(pool, idOf(request), { status, at: Date.now() }) }
  })
  app.delete(one, async (request) => {
    await models.deleteLoggedModel(pool, idOf(request), Date.now())
    return {}
  })
  app.patch(`${one}/tags`, async (request) => ({
    model: await models.setLoggedModelTags(pool, idOf(request), fieldsOf(asked.SetLoggedModelTags, request).tags),
  }))
  app.delete(`${one}/tags/:tag_key`, async (request) => {
    const { model_id: modelId, tag_key: key } = partsOf(asked.LoggedModelTagNamed, request.params)
    await models.deleteLoggedModelTag(pool, modelId, key)
    return {}
  })
  app.post(`${one}/params`, async (request) => {
    await models.logLoggedModelParams(pool, idOf(request), fieldsOf(asked.LogLoggedModelParams, request).params)
    return {}
  })
}
