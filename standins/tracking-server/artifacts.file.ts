import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { invalid, missing } from './refusal.ts'

export type ArtifactInfo = { readonly path: string; readonly is_dir: boolean; readonly file_size?: number }

/** Files of runs and models below one folder, by their path within it. A path that leads out of it is refused. */
export type Artifacts = {
  readonly write: (path: string, body: Readable) => Promise<void>
  readonly read: (path: string) => Promise<{ readonly body: Readable; readonly sizeBytes: number }>
  /** The entries of a folder, by name; none where there is no such folder. */
  readonly list: (path: string) => Promise<ArtifactInfo[]>
}

export function artifactsIn(folder: string): Artifacts {
  return {
    write: async (path, body) => {
      const file = within(folder, path)
      await mkdir(dirname(file), { recursive: true })
      // Whoever reads meanwhile sees the old file or the new one, never a part of it.
      const unfinished = `${file}.unfinished`
      try {
        await pipeline(body, createWriteStream(unfinished))
        await rename(unfinished, file)
      } catch (cause) {
        await rm(unfinished, { force: true })
        throw cause
      }
    },
    read: async (path) => {
      const file = within(folder, path)
      const found = await stat(file).catch(() => undefined)
      if (found?.isFile() !== true) throw missing('Artifact', path)
      return { body: createReadStream(file), sizeBytes: found.size }
    },
    list: async (path) => {
      const place = path === '' ? folder : within(folder, path)
      const names = await readdir(place).catch(() => [])
      return Promise.all(
        names
          .filter((name) => !name.endsWith('.unfinished'))
          .sort()
          .map((name) => describe(join(place, name))),
      )
    },
  }
}

async function describe(file: string): Promise<ArtifactInfo> {
  const found = await stat(file)
  return found.isDirectory()
    ? { path: basename(file), is_dir: true }
    : { path: basename(file), is_dir: false, file_size: found.size }
}

function within(folder: string, path: string): string {
  const parts = path.split('/')
  const isUnsafe =
    path.includes('\0') ||
    path.includes('\\') ||
    /^[A-Za-z]:/.test(path) ||
    /%2e|%2f|%5c/i.test(path) ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  if (isUnsafe) throw invalid('Invalid path')
  return join(folder, ...parts)
}
