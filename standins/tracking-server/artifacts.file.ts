import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { partsOfPath } from './artifact-path.ts'
import type { ByteRange } from './byte-range.ts'
import { invalid, missing } from './refusal.ts'

/** An entry of a folder, by its name. */
export type ArtifactInfo = { readonly path: string; readonly is_dir: boolean; readonly file_size?: number }

/** A part of an upload: its number from 1, and the tag that `writePart` answered. */
export type UploadedPart = { readonly number: number; readonly etag: string }

/** Where an upload in parts goes, and its own id, which cannot be guessed. */
export type Upload = { readonly path: string; readonly uploadId: string }

/**
 * Files of runs and models below one root, by their path within it. Bodies pass through: none is held in memory. Every path that leads
 * out of the root is refused, and so is a file or an upload that is not there.
 */
export type Artifacts = {
  /** Whoever reads meanwhile sees the old file or the new one, never a part of it. */
  readonly write: (path: string, body: Readable) => Promise<void>
  readonly sizeBytesOf: (path: string) => Promise<number>
  readonly read: (path: string, range?: ByteRange) => Promise<Readable>
  /** The entries of a folder, by name; none where there is no such folder. */
  readonly list: (path: string) => Promise<ArtifactInfo[]>
  /** Deletes a file, or a folder with all in it; nothing where neither is there. The root itself is refused. */
  readonly remove: (path: string) => Promise<void>
  readonly beginUpload: (path: string) => Promise<string>
  /** Stores a part, or stores it anew, and answers its tag. Parts can come in any order and at once. */
  readonly writePart: (upload: Upload, number: number, body: Readable) => Promise<string>
  /** Makes the file of these parts, in the order of their numbers. */
  readonly completeUpload: (upload: Upload, parts: readonly UploadedPart[]) => Promise<void>
  readonly abortUpload: (upload: Upload) => Promise<void>
}

/** Artifacts in `folder`. What is not whole yet is kept beside it, on the same disk, so that it can be moved in at once. */
export function artifactsIn(folder: string): Artifacts {
  const unfinished = `${folder}.unfinished`
  const place = (path: string) => join(folder, ...partsOfPath(path))
  const moveIn = (from: string, path: string) => unlessInTheWay(path, () => moved(from, place(path)))
  const partsOf = ({ path, uploadId }: Upload) => uploadFolder(unfinished, path, uploadId)
  return {
    write: async (path, body) => {
      const [file, whole] = [fileIn(place(path), folder), join(unfinished, randomUUID())]
      try {
        await written(whole, body)
        await unlessInTheWay(path, () => moved(whole, file))
      } finally {
        await rm(whole, { force: true })
      }
    },
    sizeBytesOf: async (path) => {
      const found = await stat(place(path)).catch(() => undefined)
      if (found?.isFile() !== true) throw missing('Artifact', path)
      return found.size
    },
    read: async (path, range) =>
      createReadStream(place(path), range === undefined ? {} : { start: range.first, end: range.last }),
    list: async (path) => entriesOf(place(path)),
    remove: (path) => rm(fileIn(place(path), folder), { recursive: true, force: true }),
    beginUpload: async (path) => {
      fileIn(place(path), folder)
      const uploadId = randomUUID().replaceAll('-', '')
      await mkdir(uploadFolder(unfinished, path, uploadId), { recursive: true })
      return uploadId
    },
    writePart: async (upload, number, body) => {
      const parts = await openUpload(partsOf(upload), upload)
      const whole = join(parts, randomUUID())
      const etag = await writtenWithTag(whole, body)
      await rename(whole, join(parts, `${number}`))
      await writeFile(join(parts, `${number}.etag`), etag)
      return etag
    },
    completeUpload: async (upload, parts) => {
      const stored = await openUpload(partsOf(upload), upload)
      const whole = join(stored, 'whole')
      await written(whole, bytesOf(stored, parts))
      await moveIn(whole, upload.path)
      await rm(stored, { recursive: true, force: true })
    },
    abortUpload: (upload) => rm(partsOf(upload), { recursive: true, force: true }),
  }
}

/** The folder of an upload's parts; its name also stands for the path, so that an upload's id is good for that path alone. */
function uploadFolder(unfinished: string, path: string, uploadId: string): string {
  if (!/^[0-9a-f]{32}$/.test(uploadId)) throw missing('Upload', uploadId)
  return join(unfinished, `${uploadId}-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`)
}

async function openUpload(folder: string, { uploadId }: Upload): Promise<string> {
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory() !== true) throw missing('Upload', uploadId)
  return folder
}

function fileIn(file: string, folder: string): string {
  if (file === folder) throw invalid('Invalid path')
  return file
}

async function written(file: string, body: Readable | AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await pipeline(body, createWriteStream(file))
}

/** Writes `body` to a file and answers the MD5 of its bytes, as object stores do. */
async function writtenWithTag(file: string, body: Readable): Promise<string> {
  const digest = createHash('md5')
  const hashed = async function* () {
    for await (const chunk of body) {
      digest.update(chunk)
      yield chunk
    }
  }
  await written(file, hashed())
  return digest.digest('hex')
}

async function* bytesOf(folder: string, parts: readonly UploadedPart[]): AsyncIterable<Uint8Array> {
  for (const { number, etag } of parts.toSorted((a, b) => a.number - b.number)) {
    const stored = await readFile(join(folder, `${number}.etag`), 'utf8').catch(() => undefined)
    if (stored !== etag.replaceAll('"', '')) throw invalid(`Part ${number} was not stored with the tag ${etag}.`)
    yield* createReadStream(join(folder, `${number}`))
  }
}

async function moved(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await rename(from, to)
}

const IN_THE_WAY = ['EEXIST', 'EISDIR', 'ENOTDIR', 'ENOTEMPTY']

/** A file where a folder would have to be, or the other way round, is the request's fault. */
async function unlessInTheWay(path: string, work: () => Promise<void>): Promise<void> {
  await work().catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    throw IN_THE_WAY.some((known) => known === code) ? invalid(`A file or folder is in the way of '${path}'.`) : cause
  })
}

async function entriesOf(folder: string): Promise<ArtifactInfo[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const described = entries.map(async (entry): Promise<ArtifactInfo> => {
    if (entry.isDirectory()) return { path: entry.name, is_dir: true }
    return { path: entry.name, is_dir: false, file_size: (await stat(join(folder, entry.name))).size }
  })
  return (await Promise.all(described)).toSorted((a, b) => (a.path < b.path ? -1 : 1))
}
