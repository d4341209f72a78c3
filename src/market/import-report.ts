import type { Feed, Timeframe } from '#domain/bars.ts'
import type { RejectReason } from '#sources/files/reject-reason.ts'
import type { Observation } from './import-observations.ts'

/** Rows that broke one rule, with the first few as they stand in the file. */
export type RejectedRows = {
  readonly reason: RejectReason
  readonly meaning: string
  readonly rows: number
  readonly examples: readonly { readonly line: number; readonly text: string }[]
}

/** Where every row of a file of bars went: read = new + alreadyStored + repeated + rejected. */
export type RowCounts = {
  readonly read: number
  readonly new: number
  /** Stored before with the same values. */
  readonly alreadyStored: number
  /** The same row again within the file. */
  readonly repeated: number
  readonly rejected: number
}

/** What an import is asked for, as a person says it. */
export type ImportOptions = {
  /** 1m, 5m, 15m, 1h or 1d; undefined: inferred from the stamps, file by file. */
  readonly timeframe: string | undefined
  /** Undefined: `import`. */
  readonly feed: Feed | undefined
  /** IANA zone of stamps that name none; undefined: files with such stamps are refused. */
  readonly zone: string | undefined
  /** Reject bars that open outside regular trading hours. */
  readonly isSessionOnly: boolean
  /** Folder for one CSV file of rejected rows per imported file that has any; undefined: the table alone keeps them. */
  readonly rejectsFolder: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined
}

/** The same, checked. */
export type ImportRules = Omit<ImportOptions, 'timeframe' | 'feed'> & {
  readonly timeframe: Timeframe | undefined
  readonly feed: Feed
}

export type ImportResult =
  | {
      readonly kind: 'imported'
      readonly timeframe: Timeframe
      readonly symbols: number
      /** Openings of the first and the last bar, ISO 8601; undefined when no row was taken. */
      readonly from: string | undefined
      readonly through: string | undefined
      readonly rows: RowCounts
      readonly rejected: readonly RejectedRows[]
      readonly rejectsFile: string | undefined
      /** Columns that nothing was taken from. */
      readonly unusedColumns: readonly string[]
      readonly observations: readonly Observation[]
    }
  /** The same bytes were imported before, with the same options, and their rows are still stored. */
  | {
      readonly kind: 'already-imported'
      readonly timeframe: Timeframe
      readonly rows: RowCounts
      readonly rejected: readonly RejectedRows[]
      readonly rejectsFile: string | undefined
    }
  | {
      readonly kind: 'symbols'
      readonly symbols: number
      readonly changed: number
      readonly rowsRejected: number
      readonly examples: readonly { readonly line: number; readonly text: string }[]
    }
  /** Nothing of the file was stored. */
  | { readonly kind: 'refused'; readonly code: string; readonly sentence: string }

/** What became of one file. */
export type ImportedFile = ImportResult & { readonly path: string; readonly seconds: number }

export type ImportReport = {
  readonly feed: Feed
  readonly files: readonly ImportedFile[]
  /** Sums over the files of bars. */
  readonly rows: RowCounts
  readonly rejectedByReason: Readonly<Partial<Record<RejectReason, number>>>
  readonly symbolsChanged: number
  readonly refusedFiles: number
  readonly seconds: number
  readonly rowsPerSecond: number
}

/** How far an import is. `fraction` of the work is done, in [0, 1]; undefined times are not known yet. */
export type ImportProgress = {
  readonly path: string
  readonly step: 'reading' | 'merging' | 'done'
  readonly fileNumber: number
  readonly files: number
  readonly rows: number
  readonly rowsPerSecond: number
  readonly bytesDone: number
  readonly bytesTotal: number
  readonly fraction: number
  readonly secondsLeft: number | undefined
}

const NO_ROWS: RowCounts = { read: 0, new: 0, alreadyStored: 0, repeated: 0, rejected: 0 }

/** The report over all files. */
export function reportOf(feed: Feed, files: readonly ImportedFile[], seconds: number): ImportReport {
  const rows = files.map((file) => ('rows' in file ? file.rows : NO_ROWS)).reduce(sum, NO_ROWS)
  const rejectedByReason: Partial<Record<RejectReason, number>> = {}
  for (const { reason, rows: count } of files.flatMap((file) => ('rejected' in file ? file.rejected : []))) {
    rejectedByReason[reason] = (rejectedByReason[reason] ?? 0) + count
  }
  return {
    feed,
    files,
    rows,
    rejectedByReason,
    symbolsChanged: files.reduce((total, file) => total + (file.kind === 'symbols' ? file.changed : 0), 0),
    refusedFiles: files.filter((file) => file.kind === 'refused').length,
    seconds,
    rowsPerSecond: seconds > 0 ? Math.round(rows.read / seconds) : 0,
  }
}

function sum(a: RowCounts, b: RowCounts): RowCounts {
  return {
    read: a.read + b.read,
    new: a.new + b.new,
    alreadyStored: a.alreadyStored + b.alreadyStored,
    repeated: a.repeated + b.repeated,
    rejected: a.rejected + b.rejected,
  }
}
