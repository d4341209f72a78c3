import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Fault } from '#domain/fault.ts'
import { BackupManifest } from './backup-manifest.ts'

/** Written last: a backup without it was not finished. */
export const MANIFEST = 'manifest.json'

/** The manifest of a backup. Throws BACKUP_UNREADABLE for a folder without a finished one. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  try {
    return BackupManifest.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')))
  } catch (cause) {
    throw new Fault(
      'BACKUP_UNREADABLE',
      `${folder} holds no finished backup: its ${MANIFEST} cannot be read. Take another one.`,
      {
        cause,
      },
    )
  }
}

/** Whether `folder` holds a backup that was finished. */
export function hasManifest(folder: string): Promise<boolean> {
  return access(join(folder, MANIFEST)).then(
    () => true,
    () => false,
  )
}

/** Throws BACKUP_DAMAGED when a file of the backup is not what was written. */
export async function checkFiles(folder: string, { tables }: BackupManifest): Promise<void> {
  for (const { file, sha256 } of tables) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(join(folder, file)), hash).catch((cause: unknown) => {
      throw new Fault(
        'BACKUP_DAMAGED',
        `${file} of the backup in ${folder} cannot be read (${String(cause)}); use another backup.`,
      )
    })
    if (hash.digest('hex') === sha256) continue
    throw new Fault('BACKUP_DAMAGED', `${file} of the backup in ${folder} is not as it was written; use another backup.`)
  }
}

/** The names of the folders in `root`, ascending; none when it is absent. */
export async function backupFolders(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw cause
  })
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
}

/** Removes the folder `name` in `root`; one that is gone is fine. */
export async function removeBackup(root: string, name: string): Promise<void> {
  await rm(join(root, name), { recursive: true, force: true })
}
