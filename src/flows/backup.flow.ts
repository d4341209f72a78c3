import type { EpochMs } from '#domain/units.ts'
import { step } from './step.flow.ts'

export type BackupParameters = {
  /** Names its folder and begins with its date: `2026-11-23T0200`. */
  readonly name: string
  readonly at: EpochMs
}

/** What a backup holds, and which older ones went. */
export type BackedUp = {
  readonly tables: number
  readonly rows: number
  readonly bytes: number
  readonly removed: readonly string[]
}

export type BackupSteps = {
  readonly take: (parameters: BackupParameters) => Promise<Omit<BackedUp, 'removed'>>
  /** Restores it beside the database and compares. Throws BACKUP_DIFFERS with the tables that did not come back as they were. */
  readonly prove: (parameters: BackupParameters) => Promise<void>
  /** Removes older ones that need not be kept. */
  readonly rotate: (parameters: BackupParameters) => Promise<string[]>
}

/** Copies every table, restores the copy beside the database, compares, and only then lets older ones go. */
export const backup =
  (steps: BackupSteps) =>
  async (parameters: BackupParameters): Promise<BackedUp> => {
    const taken = await step('take', () => steps.take(parameters))
    await step('prove', () => steps.prove(parameters))
    return { ...taken, removed: await step('rotate', () => steps.rotate(parameters)) }
  }
