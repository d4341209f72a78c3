import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { assertArchivesOthers, stageFrom, stagesFrom } from './model-version.ts'
import * as versions from './model-versions.store.ts'
import { createVersion } from './new-version.store.ts'
import { paged } from './page-token.ts'
import { modelByName } from './registered-models.store.ts'
import * as asked from './registry-requests.ts'
import { searchVersions } from './registry-search.store.ts'
import { fieldsOf } from './request-fields.ts'

/** Model versions below `prefix`: their life, their stages, and the search for them. */
export function addModelVersions(app: FastifyInstance, prefix: string, pool: Pool): void {
  addLife(app, `${prefix}/model-versions`, pool)
  addStages(app, prefix, pool)
  addTags(app, `${prefix}/model-versions`, pool)
  app.route({
    method: ['GET', 'POST'],
    url: `${prefix}/model-versions/search`,
    handler: async (request) => {
      const search = asked.searchOf(fieldsOf(asked.SearchVersions, request))
      const { rows, ...next } = paged(await searchVersions(pool, { ...search, limit: search.limit + 1 }), search)
      return { model_versions: rows, ...next }
    },
  })
}

function addLife(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.post(`${prefix}/create`, async (request) => {
    const { run_id: runId, model_id: modelId, run_link: runLink, ...rest } = fieldsOf(asked.CreateVersion, request)
    return { model_version: await createVersion(pool, { ...rest, runId, modelId, runLink, at: Date.now() }) }
  })
  app.get(`${prefix}/get`, async (request) => ({
    model_version: await versions.versionByNumber(pool, fieldsOf(asked.VersionNamed, request)),
  }))
  app.patch(`${prefix}/update`, async (request) => {
    const { description, ...key } = fieldsOf(asked.UpdateVersion, request)
    return { model_version: await versions.describeVersion(pool, key, { description, at: Date.now() }) }
  })
  app.delete(`${prefix}/delete`, async (request) => {
    await versions.deleteVersion(pool, fieldsOf(asked.VersionNamed, request), Date.now())
    return {}
  })
  app.get(`${prefix}/get-download-uri`, async (request) => ({
    artifact_uri: await versions.locationOf(pool, fieldsOf(asked.VersionNamed, request)),
  }))
}

function addStages(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.post(`${prefix}/model-versions/transition-stage`, async (request) => {
    const { stage: named, archive_existing_versions: archivesOthers, ...key } = fieldsOf(asked.TransitionStage, request)
    const stage = stageFrom(named)
    if (archivesOthers) assertArchivesOthers(stage)
    return { model_version: await versions.transition(pool, key, { stage, archivesOthers, at: Date.now() }) }
  })
  app.route({
    method: ['GET', 'POST'],
    url: `${prefix}/registered-models/get-latest-versions`,
    handler: async (request) => {
      const { name, stages } = fieldsOf(asked.LatestVersions, request)
      await modelByName(pool, name)
      return { model_versions: await versions.latestVersions(pool, name, stagesFrom(stages)) }
    },
  })
}

function addTags(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.post(`${prefix}/set-tag`, async (request) => {
    const { key, value, ...version } = fieldsOf(asked.SetVersionTag, request)
    await versions.setVersionTags(pool, version, [{ key, value }])
    return {}
  })
  app.delete(`${prefix}/delete-tag`, async (request) => {
    const { key, ...version } = fieldsOf(asked.DeleteVersionTag, request)
    await versions.deleteVersionTag(pool, version, key)
    return {}
  })
}
