import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { addModelVersions } from './model-versions.route.ts'
import { paged } from './page-token.ts'
import * as models from './registered-models.store.ts'
import * as asked from './registry-requests.ts'
import { searchModels } from './registry-search.store.ts'
import { fieldsOf } from './request-fields.ts'

/** The model registry below `prefix`: registered models, their tags and aliases, and their versions. */
export function addRegistry(app: FastifyInstance, prefix: string, pool: Pool): void {
  addModels(app, `${prefix}/registered-models`, pool)
  addTagsAndAliases(app, `${prefix}/registered-models`, pool)
  addModelVersions(app, prefix, pool)
}

function addModels(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.post(`${prefix}/create`, async (request) => ({
    registered_model: await models.createModel(pool, { ...fieldsOf(asked.CreateModel, request), at: Date.now() }),
  }))
  app.get(`${prefix}/get`, async (request) => ({
    registered_model: await models.modelByName(pool, fieldsOf(asked.ModelNamed, request).name),
  }))
  app.post(`${prefix}/rename`, async (request) => {
    const { name, new_name: to } = fieldsOf(asked.RenameModel, request)
    return { registered_model: await models.renameModel(pool, name, { to, at: Date.now() }) }
  })
  app.patch(`${prefix}/update`, async (request) => {
    const { name, description } = fieldsOf(asked.UpdateModel, request)
    return { registered_model: await models.describeModel(pool, name, { description, at: Date.now() }) }
  })
  app.delete(`${prefix}/delete`, async (request) => {
    await models.deleteModel(pool, fieldsOf(asked.ModelNamed, request).name)
    return {}
  })
  app.route({
    method: ['GET', 'POST'],
    url: `${prefix}/search`,
    handler: async (request) => {
      const search = asked.searchOf(fieldsOf(asked.SearchModels, request))
      const { rows, ...next } = paged(await searchModels(pool, { ...search, limit: search.limit + 1 }), search)
      return { registered_models: rows, ...next }
    },
  })
}

function addTagsAndAliases(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.post(`${prefix}/set-tag`, async (request) => {
    const { name, ...tag } = fieldsOf(asked.SetModelTag, request)
    await models.setModelTag(pool, name, tag)
    return {}
  })
  app.delete(`${prefix}/delete-tag`, async (request) => {
    const { name, key } = fieldsOf(asked.DeleteModelTag, request)
    await models.deleteModelTag(pool, name, key)
    return {}
  })
  app.post(`${prefix}/alias`, async (request) => {
    const { alias, ...key } = fieldsOf(asked.SetAlias, request)
    await models.setAlias(pool, key, alias)
    return {}
  })
  app.delete(`${prefix}/alias`, async (request) => {
    const { name, alias } = fieldsOf(asked.AliasNamed, request)
    await models.deleteAlias(pool, name, alias)
    return {}
  })
  app.get(`${prefix}/alias`, async (request) => {
    const { name, alias } = fieldsOf(asked.AliasNamed, request)
    return { model_version: await models.versionByAlias(pool, name, alias) }
  })
}
