import { join } from 'node:path'
import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { backupFolders, hasManifest, removeBackup } from '#database/backup.file.ts'
import { takeBackup } from '#database/backup.store.ts'
import type { BackupDifference, BackupManifest } from '#database/backup-manifest.ts'
import { type BackupsKept, backupsToRemove } from '#database/backup-rotation.ts'
import { noteBackup, noteProof, noteRemoved } from '#database/backups.store.ts'
import { type PrepareDatabase, proveBackup } from '#database/restore.store.ts'
import { Fault } from '#domain/fault.ts'
import type { BackupParameters, BackupSteps } from './backup.flow.ts'
import { saveProgress } from './progress.store.ts'
import { stepSignal } from './step.flow.ts'

/** Everything that is ours, the engine's and the tracking server's, which belong together. */
const SCHEMAS = ['spreadworks', 'dbos', 'mlflow']
const NAME = /^\d{4}-\d{2}-\d{2}T\d{4}$/
/** So many tables are named when a restored copy differs. */
const NAMED = 3

export type BackupDependencies = {
  readonly sql: Pool
  /** The database's address, beside which a copy is restored. */
  readonly url: string
  /** The folder that holds the backups. */
  readonly root: string
  readonly keep: BackupsKept
  readonly prepare: PrepareDatabase
}

export function backupSteps(dependencies: BackupDependencies): BackupSteps {
  const { sql, url, root, keep, prepare } = dependencies
  return {
    take: async (parameters) => {
      const { tables } = await take(dependencies, parameters)
      return { tables: tables.length, ...totalsOf(tables) }
    },
    prove: async (parameters) => {
      const folder = join(root, parameters.name)
      // It was taken on another machine, whose worker is gone: what cannot be proved here is taken here.
      if (!(await hasManifest(folder))) await take(dependencies, parameters)
      await tell(sql, parameters.name, { done: 0, total: undefined, sentence: 'Restoring the copy beside the database' })
      const differences = await proveBackup(url, folder, { prepare, signal: stepSignal() })
      await noteProof(sql, parameters.name, differences.length === 0 ? undefined : sentenceOf(differences))
      if (differences.length > 0) throw new Fault('BACKUP_DIFFERS', `Backup ${parameters.name}: ${sentenceOf(differences)}`)
    },
    rotate: async ({ name }) => {
      const there = (await backupFolders(root)).filter((folder) => NAME.test(folder) && folder <= name)
      const removed = backupsToRemove(there, keep)
      for (const folder of removed) await removeBackup(root, folder)
      await noteRemoved(sql, removed)
      return removed
    },
  }
}

async function take({ sql, root }: BackupDependencies, { name, at }: BackupParameters): Promise<BackupManifest> {
  const folder = join(root, name)
  const manifest = await takeBackup(sql, {
    ...{ schemas: SCHEMAS, folder, at, signal: stepSignal() },
    onTable: (done, total, table) => tell(sql, name, { done, total, sentence: `Copied ${table}` }),
  })
  await noteBackup(sql, { name, folder, at, ...totalsOf(manifest.tables) })
  return manifest
}

type Reached = { readonly done: number; readonly total: number | undefined; readonly sentence: string }

function tell(sql: Pool, name: string, reached: Reached): Promise<void> {
  return saveProgress(sql, DBOS.workflowID ?? name, { ...reached, unit: 'tables' })
}

function totalsOf(tables: BackupManifest['tables']): { rows: number; bytes: number } {
  return { rows: tables.reduce((sum, { rows }) => sum + rows, 0), bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function sentenceOf(differences: readonly BackupDifference[]): string {
  const named = differences
    .slice(0, NAMED)
    .map(({ table, expected, found }) => `${table} had ${expected} and came back as ${found}`)
  const more = differences.length > NAMED ? `, and ${differences.length - NAMED} more` : ''
  return `${named.join('; ')}${more}.`
}
