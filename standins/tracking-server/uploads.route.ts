import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as asked from './artifact-requests.ts'
import { bodyOf, type Proxied, pathOf, takeStreams } from './artifacts.route.ts'
import { fieldsOf, partsOf } from './request-fields.ts'

/**
 * Uploads in parts below `prefix` (`…/mpu`): whoever begins one is told an address for each part, and nobody else knows them. Parts go
 * through this server too, so that clients need to reach no other.
 */
export async function addUploads(app: FastifyInstance, prefix: string, { artifacts, mostBytes }: Proxied): Promise<void> {
  app.post(`${prefix}/create/*`, async (request) => {
    const { path: file, num_parts: parts } = fieldsOf(asked.BeginUpload, request)
    const path = fileIn(request, file)
    const uploadId = await artifacts.beginUpload(path)
    const address = `${request.protocol}://${request.host}${prefix}/part/${path.split('/').map(encodeURIComponent).join('/')}`
    const credentials = Array.from({ length: parts }, (_, part) => ({
      url: `${address}?upload_id=${encodeURIComponent(uploadId)}&part_number=${part + 1}`,
      part_number: part + 1,
      headers: {},
    }))
    return { upload_id: uploadId, credentials }
  })
  app.post(`${prefix}/complete/*`, async (request) => {
    const { path: file, upload_id: uploadId, parts } = fieldsOf(asked.CompleteUpload, request)
    const stored = parts.map(({ part_number: number, etag }) => ({ number, etag }))
    await artifacts.completeUpload({ path: fileIn(request, file), uploadId }, stored)
    return {}
  })
  app.post(`${prefix}/abort/*`, async (request) => {
    const { path: file, upload_id: uploadId } = fieldsOf(asked.EndUpload, request)
    await artifacts.abortUpload({ path: fileIn(request, file), uploadId })
    return {}
  })
  await app.register(async (scope) => {
    takeStreams(scope)
    scope.put(`${prefix}/part/*`, { bodyLimit: Number.MAX_SAFE_INTEGER, config: { isOpen: true } }, async (request, reply) => {
      const { upload_id: uploadId, part_number: number } = partsOf(asked.UploadPart, request.query)
      const etag = await artifacts.writePart({ path: pathOf(request), uploadId }, number, bodyOf(request, mostBytes))
      return reply.header('ETag', `"${etag}"`).send({})
    })
  })
}

/** Clients send the folder in the address and the file's place on their own disk in the body, of which the last name counts. */
function fileIn(request: FastifyRequest, file: string): string {
  const name = file.split(/[/\\]/).at(-1) ?? ''
  return [pathOf(request), name].filter((part) => part !== '').join('/')
}
