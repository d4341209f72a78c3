import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Artifacts } from './artifacts.file.ts'
import { rangeFrom } from './byte-range.ts'
import { contentTypeOf } from './content-type.ts'

/** Answers with the bytes of one artifact, or with the range of them that was asked for. Throws a Refusal where there is none. */
export async function sendArtifact(artifacts: Artifacts, path: string, request: FastifyRequest, reply: FastifyReply) {
  const sizeBytes = await artifacts.sizeBytesOf(path)
  const range = rangeFrom(request.headers.range, sizeBytes)
  reply.headers({
    'Accept-Ranges': 'bytes',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(path.slice(path.lastIndexOf('/') + 1))}`,
    'X-Content-Type-Options': 'nosniff',
  })
  if (range === 'unsatisfiable') return reply.status(416).header('Content-Range', `bytes */${sizeBytes}`).send()
  reply.type(contentTypeOf(path)).header('Content-Length', range === undefined ? sizeBytes : range.last - range.first + 1)
  if (range !== undefined) reply.status(206).header('Content-Range', `bytes ${range.first}-${range.last}/${sizeBytes}`)
  return reply.send(await artifacts.read(path, range))
}
