import { Readable } from 'node:stream'
import { partsOfPath } from './artifact-path.ts'
import type { ArtifactInfo, Artifacts, Upload, UploadedPart } from './artifacts.file.ts'
import { askBucket, type Bucket, tellBucket } from './bucket.client.ts'
import { completionOf, element, type Listing, listingFrom } from './bucket-listing.ts'
import { contentTypeOf } from './content-type.ts'
import { invalid, missing, Refusal } from './refusal.ts'

/** As much of a body as is held in memory: what the store takes in one request, and at least what it wants as a part. */
const PIECE_BYTES = 8 << 20
/** The most that a client may send as one part, since its signature needs it whole. */
const PART_BYTES = 64 << 20

/** Artifacts in a bucket. A body longer than a piece goes there piece by piece, as an upload in parts. */
export function artifactsInBucket(bucket: Bucket): Artifacts {
  const keyOf = (path: string) => [bucket.prefix, ...partsOfPath(path)].filter((part) => part !== '').join('/')
  const fileKey = (path: string) => {
    if (path === '') throw invalid('Invalid path')
    return keyOf(path)
  }
  return {
    write: (path, body) => writeInPieces(bucket, fileKey(path), body),
    sizeBytesOf: async (path) => {
      const reply = await askBucket(bucket, { method: 'HEAD', key: fileKey(path) })
      if (!reply.ok) throw missing('Artifact', path)
      return Number(reply.headers.get('content-length'))
    },
    read: async (path, range) => {
      const headers = range === undefined ? {} : { range: `bytes=${range.first}-${range.last}` }
      const reply = await tellBucket(bucket, { method: 'GET', key: fileKey(path), headers })
      return reply.body === null ? Readable.from([]) : Readable.fromWeb(reply.body)
    },
    list: (path) => entriesBelow(bucket, keyOf(path)),
    remove: async (path) => {
      await tellBucket(bucket, { method: 'DELETE', key: fileKey(path) })
      for await (const { files } of pagesOf(bucket, `${fileKey(path)}/`, ''))
        for (const { key } of files) await tellBucket(bucket, { method: 'DELETE', key })
    },
    beginUpload: (path) => beginUpload(bucket, fileKey(path)),
    writePart: async ({ path, uploadId }, number, body) => {
      const piece = await wholeOf(body)
      return sendPart(bucket, { path: fileKey(path), uploadId }, number, piece)
    },
    completeUpload: ({ path, uploadId }, parts) => completeUpload(bucket, { path: fileKey(path), uploadId }, parts),
    abortUpload: ({ path, uploadId }) => abortUpload(bucket, { path: fileKey(path), uploadId }),
  }
}

async function writeInPieces(bucket: Bucket, key: string, body: Readable): Promise<void> {
  let uploadId: string | undefined
  const parts: UploadedPart[] = []
  try {
    for await (const { piece, isLast } of piecesOf(body)) {
      if (isLast && parts.length === 0) {
        await tellBucket(bucket, { method: 'PUT', key, body: piece, headers: { 'content-type': contentTypeOf(key) } })
        return
      }
      uploadId ??= await beginUpload(bucket, key)
      const number = parts.length + 1
      parts.push({ number, etag: await sendPart(bucket, { path: key, uploadId }, number, piece) })
    }
    if (uploadId !== undefined) await completeUpload(bucket, { path: key, uploadId }, parts)
  } catch (cause) {
    if (uploadId !== undefined) await abortUpload(bucket, { path: key, uploadId })
    throw cause
  }
}

type Piece = { readonly piece: Uint8Array<ArrayBuffer>; readonly isLast: boolean }

/**
 * The bytes of a body in pieces of one size, the last of which may be shorter; one empty piece for an empty body. All are in the same
 * memory: a piece is good until the next one is asked for.
 */
async function* piecesOf(body: Readable): AsyncGenerator<Piece> {
  const memory = new Uint8Array(PIECE_BYTES)
  let filled = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    for (let from = 0; from < chunk.length; ) {
      if (filled === PIECE_BYTES) {
        yield { piece: memory, isLast: false }
        filled = 0
      }
      const part = chunk.subarray(from, from + PIECE_BYTES - filled)
      memory.set(part, filled)
      filled += part.length
      from += part.length
    }
  }
  yield { piece: memory.subarray(0, filled), isLast: true }
}

async function wholeOf(body: Readable): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > PART_BYTES) throw invalid(`A part of an upload can have at most ${PART_BYTES} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function beginUpload(bucket: Bucket, key: string): Promise<string> {
  const headers = { 'content-type': contentTypeOf(key) }
  const reply = await tellBucket(bucket, { method: 'POST', key, query: { uploads: '' }, headers })
  const uploadId = element(await reply.text(), 'UploadId')
  if (uploadId === undefined) throw new Refusal('INTERNAL_ERROR', 'The store of artifacts began an upload and did not name it.')
  return uploadId
}

async function sendPart(
  bucket: Bucket,
  { path, uploadId }: Upload,
  number: number,
  body: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const reply = await tellBucket(bucket, { method: 'PUT', key: path, query: { partNumber: `${number}`, uploadId }, body })
  return (reply.headers.get('etag') ?? '').replaceAll('"', '')
}

async function completeUpload(bucket: Bucket, { path, uploadId }: Upload, parts: readonly UploadedPart[]): Promise<void> {
  const reply = await tellBucket(bucket, { method: 'POST', key: path, query: { uploadId }, body: completionOf(parts) })
  // The store says 200 before it begins, and what went wrong since in the body.
  const text = await reply.text()
  if (/<Error>/.test(text))
    throw invalid(`The store of artifacts did not complete the upload: ${element(text, 'Message') ?? text}`)
}

async function abortUpload(bucket: Bucket, { path, uploadId }: Upload): Promise<void> {
  const reply = await askBucket(bucket, { method: 'DELETE', key: path, query: { uploadId } })
  if (!reply.ok && reply.status !== 404) throw new Refusal('INTERNAL_ERROR', `The upload was not given up: ${await reply.text()}`)
}

async function entriesBelow(bucket: Bucket, key: string): Promise<ArtifactInfo[]> {
  const folder = key === '' ? '' : `${key}/`
  const entries: ArtifactInfo[] = []
  for await (const { folders, files } of pagesOf(bucket, folder, '/')) {
    entries.push(...folders.map((path) => ({ path: path.slice(folder.length, -1), is_dir: true })))
    const named = files.filter((file) => file.key !== folder)
    entries.push(...named.map((file) => ({ path: file.key.slice(folder.length), is_dir: false, file_size: file.sizeBytes })))
  }
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function* pagesOf(bucket: Bucket, prefix: string, delimiter: string): AsyncGenerator<Listing> {
  for (let token: string | undefined = ''; token !== undefined; ) {
    const from: Record<string, string> = token === '' ? {} : { 'continuation-token': token }
    const query = { 'list-type': '2', 'encoding-type': 'url', prefix, ...(delimiter === '' ? {} : { delimiter }), ...from }
    const page = listingFrom(await (await tellBucket(bucket, { method: 'GET', key: '', query })).text())
    yield page
    token = page.next
  }
}
