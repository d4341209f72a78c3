import { createHash } from 'node:crypto'
import { access, chmod, constants, mkdir, mkdtemp, realpath, rm, stat, statfs, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Fault } from '#domain/fault.ts'
import { makeFolderFor } from './cluster.server.ts'
import { areLibrariesLinked, type Binaries, copyBinaries, installedBinaries, linkLibraries } from './postgres-binaries.file.ts'
import type { Account } from './server-account.server.ts'

/** Where root keeps what its own folders would hide from the server's system user. */
const OPEN_TO_ALL = '/var/lib/spreadworks'

/** Makes the home folder where there is none; the server's account may pass through it, nobody may list it. Throws HOME_NOT_WRITABLE. */
export async function makeHome(home: string, account: Account | undefined): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: account === undefined ? 0o700 : 0o711 })
    await access(home, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw notWritable(home, cause)
  }
}

/** Megabytes (10⁶ bytes) that the disk of `folder`, which must exist, has free for us. */
export async function freeMegabytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return Math.floor((bavail * bsize) / 1e6)
}

/** Throws DISK_FULL when the disk of `home` has less than `minimumFreeMb` megabytes (10⁶ bytes) for us. */
export async function refuseFullDisk(home: string, minimumFreeMb: number): Promise<void> {
  const freeMb = await freeMegabytes(home)
  if (freeMb >= minimumFreeMb) return
  throw new Fault(
    'DISK_FULL',
    `The disk of ${home} has ${freeMb} MB free and database.minimum_free_mb asks for ${minimumFreeMb}; free some, or lower that setting.`,
  )
}

/**
 * The folder for the server's data: `<home>/postgres`, or what that links to. Where the server's account cannot reach the home, a new
 * folder under /var/lib/spreadworks, named after the home, and the link to it. Throws HOME_NOT_WRITABLE, HOME_CLOSED.
 */
export async function folderForServer(home: string, account: Account | undefined): Promise<string> {
  const inHome = join(home, 'postgres')
  const found = await realpath(inHome).catch(() => undefined)
  if (found === undefined) return newFolder({ home, inHome, account })
  if (account === undefined || (await canReach(account, dirname(found)))) return found
  throw new Fault(
    'HOME_CLOSED',
    `The database in ${found} cannot be reached by the system user that runs it; open the folders above it (chmod o+x).`,
  )
}

async function newFolder(wanted: { home: string; inHome: string; account: Account | undefined }): Promise<string> {
  const { home, inHome, account } = wanted
  // A link to a folder that is gone.
  await rm(inHome, { force: true })
  const isOpen = account === undefined || (await canReach(account, await realpath(home)))
  const folder = isOpen ? inHome : await folderOutside(home)
  await makeFolderFor(account, folder)
  if (!isOpen) await symlink(folder, inHome)
  // One name for it, by whatever way the home is reached: a running server is known by the name that it was started with.
  return realpath(folder)
}

/** A folder of its own every time: a home that was deleted and made again must not find the data of the old one. */
async function folderOutside(home: string): Promise<string> {
  await makeOpenFolder()
  return mkdtemp(join(OPEN_TO_ALL, `${createHash('sha256').update(home).digest('hex').slice(0, 12)}-`))
}

async function makeOpenFolder(): Promise<void> {
  try {
    await mkdir(OPEN_TO_ALL, { recursive: true })
    await chmod(OPEN_TO_ALL, 0o755)
  } catch (cause) {
    throw notWritable(OPEN_TO_ALL, cause)
  }
}

/** Programs that the account can run: the installed ones, or a copy where they are hidden from it or cannot be completed. */
export async function binariesFor(account: Account | undefined, home: string): Promise<Binaries> {
  const installed = await installedBinaries()
  // A folder that we may not write to is found out by looking at the links afterwards.
  await linkLibraries(installed).catch(() => undefined)
  const isOpen = account === undefined || (await canReach(account, join(installed.native, 'bin', 'postgres')))
  if (isOpen && (await areLibrariesLinked(installed))) return installed
  if (account !== undefined) await makeOpenFolder()
  return copyBinaries(installed, join(account === undefined ? home : OPEN_TO_ALL, `postgresql-${installed.version}`))
}

/** True when the permission bits of `path` and of every folder above it let the account pass. */
async function canReach(account: Account, path: string): Promise<boolean> {
  const { uid, gid, mode } = await stat(path)
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
  if ((mode & bit) === 0) return false
  return dirname(path) === path || canReach(account, dirname(path))
}

function notWritable(folder: string, cause: unknown): Fault {
  return new Fault(
    'HOME_NOT_WRITABLE',
    `The folder ${folder} cannot be made or written to; set SPREADWORKS_HOME to one that can, or change its owner.`,
    {
      cause,
    },
  )
}
