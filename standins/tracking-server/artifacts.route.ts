import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as asked from './artifact-requests.ts'
import type { Artifacts } from './artifacts.file.ts'
import { invalid } from './refusal.ts'
import { partsOf } from './request-fields.ts'
import { sendArtifact } from './send-artifact.route.ts'

/**
 * The artifact proxy below `prefix`: list, download, upload, delete. Bodies are streams of bytes, whatever type they claim: register it
 * in a scope of its own. An upload of more than `mostBytes` is refused.
 */
export async function addArtifacts(app: FastifyInstance, prefix: string, { artifacts, mostBytes }: Proxied): Promise<void> {
  takeStreams(app)
  app.get(prefix, async (request) => {
    const files = await artifacts.list(partsOf(asked.ArtifactFolder, request.query).path)
    return files.length === 0 ? {} : { files }
  })
  app.get(`${prefix}/*`, async (request, reply) => sendArtifact(artifacts, pathOf(request), request, reply))
  app.put(`${prefix}/*`, { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request) => {
    await artifacts.write(pathOf(request), bodyOf(request, mostBytes))
    return {}
  })
  app.delete(`${prefix}/*`, async (request) => {
    await artifacts.remove(pathOf(request))
    return {}
  })
}

export type Proxied = { readonly artifacts: Artifacts; readonly mostBytes: number }

/** Bodies in this scope are left as they come, for a route to take them as it can. */
export function takeStreams(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, body, done) => done(null, body))
}

/** The path that a route's `*` stands for, decoded once. */
export function pathOf(request: FastifyRequest): string {
  return partsOf(asked.ArtifactPath, request.params)['*']
}

/**
 * A request's body as it comes, which breaks off where it grows above `mostBytes`; nothing is read before somebody takes it. One that
 * says ahead that it is too large is refused at once. Empty where there is none.
 */
export function bodyOf({ headers, body }: FastifyRequest, mostBytes: number): Readable {
  const refused = invalid(`An artifact can have at most ${mostBytes} bytes.`)
  if (Number(headers['content-length'] ?? 0) > mostBytes) throw refused
  if (!(body instanceof Readable)) return Readable.from([])
  const counted = async function* () {
    let bytes = 0
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes > mostBytes) throw refused
      yield chunk
    }
  }
  return Readable.from(counted(), { objectMode: false })
}
