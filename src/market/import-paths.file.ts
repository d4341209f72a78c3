import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { wrongRequest } from '#domain/fault.ts'
import { bySymbol } from '#domain/symbol.ts'

const BAR_FILE = /\.csv(\.gz)?$/i

export type FoundFile = { readonly path: string; readonly bytes: number }

/**
 * The files that `paths` name: a file as it is, a folder with every *.csv and *.csv.gz below it, by name. Each once. Throws
 * IMPORT_PATH_MISSING for a path that is not there and IMPORT_NOTHING_FOUND for a folder without such files.
 */
export async function findFiles(paths: readonly string[]): Promise<FoundFile[]> {
  const found = await Promise.all(paths.map(filesAt))
  const unique = [...new Set(found.flat())]
  return Promise.all(unique.map(async (path) => ({ path, bytes: (await stat(path)).size })))
}

async function filesAt(path: string): Promise<string[]> {
  const kind = await stat(path).catch((failure: unknown) => {
    throw wrongRequest(
      'IMPORT_PATH_MISSING',
      `${path} cannot be read (${codeOf(failure)}); name a CSV or CSV.gz file, or a folder of them.`,
    )
  })
  if (!kind.isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && BAR_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  if (files.length > 0) return files.sort(bySymbol)
  throw wrongRequest(
    'IMPORT_NOTHING_FOUND',
    `${path} holds no file named *.csv or *.csv.gz; name a folder that does, or the file itself.`,
  )
}

function codeOf(failure: unknown): string {
  return failure instanceof Error && 'code' in failure ? String(failure.code) : String(failure)
}

/** SHA-256 of the file's bytes, in hexadecimal. */
export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

/** Writes `chunks` to `path`, folders included; under another name until all is there, so that no reader finds half of it. */
export async function writeInPlace(path: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${process.pid}.part`
  await pipeline(chunks, createWriteStream(unfinished))
  await rename(unfinished, path)
}
