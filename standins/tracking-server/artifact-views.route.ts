import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { artifactRootOf } from './artifact-locations.store.ts'
import { pathOf } from './artifact-path.ts'
import * as asked from './artifact-requests.ts'
import type { Artifacts } from './artifacts.file.ts'
import { loggedModelById } from './logged-models.store.ts'
import { locationOf } from './model-versions.store.ts'
import { fieldsOf } from './request-fields.ts'
import { sendArtifact } from './send-artifact.route.ts'

/** Artifacts by the run, version or logged model that they belong to. The lists are below `prefix`. */
export function addArtifactLists(app: FastifyInstance, prefix: string, { pool, artifacts }: Shown): void {
  app.get(`${prefix}/artifacts/list`, async (request) => {
    const { run_id, run_uuid, path } = fieldsOf(asked.RunArtifacts, request)
    return listing(artifacts, await artifactRootOf(pool, run_id ?? run_uuid ?? ''), path)
  })
  app.get<{ Params: { model_id: string } }>(`${prefix}/logged-models/:model_id/artifacts/directories`, async (request) => {
    const { artifact_directory_path: path } = fieldsOf(asked.ModelArtifacts, request)
    return listing(artifacts, (await loggedModelById(pool, request.params.model_id)).info.artifact_uri, path)
  })
  app.get<{ Params: { model_id: string } }>(`${prefix}/logged-models/:model_id/artifacts/files`, async (request, reply) => {
    const { artifact_file_path: path } = fieldsOf(asked.ModelArtifact, request)
    const root = (await loggedModelById(pool, request.params.model_id)).info.artifact_uri
    return sendArtifact(artifacts, pathOf(root, path), request, reply)
  })
}

export type Shown = { readonly pool: Pool; readonly artifacts: Artifacts }

/** The downloads of the web page, which have no prefix but `ajax-api` sometimes. */
export function addArtifactDownloads(app: FastifyInstance, { pool, artifacts }: Shown): void {
  for (const prefix of ['', '/ajax-api/2.0/mlflow', '/ajax-api/3.0/mlflow']) {
    app.get(`${prefix}/get-artifact`, async (request, reply) => {
      const { run_id, run_uuid, path } = fieldsOf(asked.RunArtifact, request)
      const root = await artifactRootOf(pool, run_id ?? run_uuid ?? '')
      return sendArtifact(artifacts, pathOf(root, path), request, reply)
    })
    app.get(`${prefix}/model-versions/get-artifact`, async (request, reply) => {
      const { path, ...key } = fieldsOf(asked.VersionArtifact, request)
      return sendArtifact(artifacts, pathOf(await locationOf(pool, key), path), request, reply)
    })
  }
}

/** A folder below `root`, its entries by their path from there. */
async function listing(artifacts: Artifacts, root: string, folder: string) {
  const entries = await artifacts.list(pathOf(root, folder))
  const files = entries.map((entry) => ({ ...entry, path: folder === '' ? entry.path : `${folder}/${entry.path}` }))
  return files.length === 0 ? { root_uri: root } : { root_uri: root, files }
}
