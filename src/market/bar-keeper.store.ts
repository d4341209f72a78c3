import type pg from 'pg'
import { type TableRow, tableOfRows } from '#domain/bar-table.ts'
import type { Feed } from '#domain/bars.ts'
import type { EpochMs } from '#domain/units.ts'
import { passing, type Timer } from '#sources/alpaca/timer.ts'
import { keepsBarRules } from './bar-rules.ts'
import { type Saved, type SaveTerms, saveBarTable } from './bar-table.store.ts'

/** How long to wait before storing is tried again. */
const RETRY_MS = 1_000
/** The most bars in one statement; what piles up beyond goes into the next. */
const MOST_ROWS = 50_000

export type BarKeeper = {
  /** Takes 1-minute bars to be stored, in their order; `stored` as in `saveBarTable`. */
  readonly take: (rows: readonly TableRow[], stored: SaveTerms['stored']) => void
  /** How many bars have been taken and are not stored yet. */
  readonly waiting: () => number
  /** Resolves when everything taken so far is stored. */
  readonly idle: () => Promise<void>
  readonly totals: () => Saved & { readonly slowestMs: number }
}

export type KeeperTerms = {
  readonly pool: pg.Pool
  readonly feed: Feed
  readonly timer: Timer
  /** Sees bars before they are stored; when it fails, it is tried again as storing is. */
  readonly beforeStored: (rows: readonly TableRow[]) => Promise<void>
  /** Told of bars that break a rule; they are not stored. */
  readonly onRejected: (rows: readonly TableRow[]) => void
  /** Told, once for each time it begins, that storing fails; it is tried again until it works. */
  readonly onTrouble: (sentence: string) => void
  /** Told whenever something has been stored. */
  readonly onStored: () => void
}

type Batch = { readonly rows: TableRow[]; readonly stored: SaveTerms['stored']; readonly since: EpochMs; at: EpochMs }

/**
 * Stores a stream's bars as fast as the database takes them: at once while it keeps up, in larger pieces when it does not.
 * One statement at a time, so that a correction is never stored before the bar that it corrects.
 */
export function openBarKeeper(terms: KeeperTerms): BarKeeper {
  const { pool, feed, timer } = terms
  const batches: Batch[] = []
  let totals = { new: 0, revised: 0, slowestMs: 0 }
  let waiting = 0
  let working: Promise<void> | undefined

  const store = async ({ rows, stored, at }: Batch): Promise<Saved> => {
    const saving = { feed, timeframe: '1m', receivedAt: at, stored } as const
    for (let isTold = false; ; isTold = true) {
      try {
        await terms.beforeStored(rows)
        return await saveBarTable(pool, tableOfRows(rows), { ...saving, overlap: stored === 'keep' ? 'unlikely' : 'likely' })
      } catch (cause) {
        const said = cause instanceof Error ? cause.message : String(cause)
        if (!isTold) terms.onTrouble(`${rows.length} bars of ${feed} cannot be stored (${said}); it is tried again every second.`)
        await passing(timer, RETRY_MS)
      }
    }
  }
  const work = async () => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const saved = await store(batch)
      waiting -= batch.rows.length
      totals = {
        new: totals.new + saved.new,
        revised: totals.revised + saved.revised,
        slowestMs: Math.max(totals.slowestMs, timer.now() - batch.since),
      }
      terms.onStored()
    }
    working = undefined
  }
  return {
    take: (given, stored) => {
      const rows = given.filter(keepsBarRules)
      if (rows.length < given.length) terms.onRejected(given.filter((row) => !keepsBarRules(row)))
      if (rows.length === 0) return
      waiting += rows.length
      const at = timer.now()
      const last = batches.at(-1)
      if (last?.stored === stored && last.rows.length + rows.length <= MOST_ROWS) {
        for (const row of rows) last.rows.push(row)
        last.at = at
      } else batches.push({ rows: [...rows], stored, since: at, at })
      working ??= work()
    },
    waiting: () => waiting,
    idle: async () => {
      while (working) await working
    },
    totals: () => totals,
  }
}
