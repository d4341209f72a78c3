import type { BookReport } from '#desk/book-report.ts'
import type { Certificate } from '#desk/certificate.ts'
import type { ReferenceReport } from '#desk/reference-report.ts'
import type { Timeframe } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { ImportReport } from '#market/import-report.ts'
import type { AlertsProgram } from './alerts-program.ts'
import type { CollectProgram } from './collect-program.ts'
import type { FlowProgram } from './flow-program.ts'
import type { MarketProgram } from './market-program.ts'
import type { QualityProgram } from './quality-program.ts'

/** Where a command speaks. `out` is for what was asked for, `err` for everything else. */
export type Terminal = {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether a person watches `err`, so that a progress line may redraw itself. */
  readonly isWatched: boolean
  readonly columns: () => number
}

/** Work under way: `done` of `total` units, with what is going on in words. */
export type Progress = {
  readonly done: number
  readonly total: number | undefined
  readonly unit: string
  readonly sentence: string
}

export type StartRequest = { readonly host: string | undefined; readonly port: number | undefined }

/** Where the tracking server listens; undefined: as the settings say. */
export type ServeTrackingRequest = { readonly host: string | undefined; readonly port: number | undefined }

/** A tracking server that is ready; `stopped` resolves when it listens no more. */
export type ServedTracking = { readonly url: string; readonly stopped: Promise<void> }

/** A worker for these queues; undefined: all. */
export type WorkRequest = { readonly queues: readonly string[] | undefined }

/** A worker that is ready; `stopped` resolves when it has given up its runs. */
export type Working = { readonly worker: string; readonly queues: readonly string[]; readonly stopped: Promise<void> }

export type RehearseRequest = {
  readonly day: string | undefined
  readonly days: number
  readonly sectors: readonly string[]
  readonly speed: number | 'max' | undefined
  readonly seed: number | undefined
  readonly feed: string | undefined
}

/** A finished rehearsal: its report, and its certificate with all rows. */
export type Rehearsed = { readonly book: Book; readonly report: BookReport; readonly certificate: Certificate }

/** What a recycler shows; what is undefined comes from the settings or from what is stored. Dates are YYYY-MM-DD. */
export type RecycleRequest = {
  readonly port: number
  readonly day: string | undefined
  readonly from: string | undefined
  readonly until: string | undefined
  /** Infinity: for ever. */
  readonly passes: number
  readonly speed: number | 'max'
  readonly isShiftedToNow: boolean
  /** Symbols without bars of their own, each with the one whose bars it is to have. */
  readonly proxies: readonly (readonly [Symbol_, Symbol_])[]
  readonly feed: string | undefined
  readonly faultsFile: string | undefined
  /** Connections that the key may have at each stream of data. */
  readonly connections: number
}

/** An exchange that listens: where, with which keys, and the stored sessions that it shows. */
export type RecycledExchange = {
  readonly url: string
  readonly streamUrl: string
  readonly keyId: string
  readonly secret: string
  readonly feed: string
  /** The feed's name on the wire. */
  readonly feedPath: string
  readonly from: string
  readonly until: string
  readonly close: () => Promise<void>
}

/** What came of golden files, and a sentence when the network ran on another kernel than the fastest. */
export type CheckedReference = { readonly report: ReferenceReport; readonly note: string | undefined }

export type ImportRequest = {
  readonly paths: readonly string[]
  readonly timeframe: Timeframe | undefined
  readonly feed: string
  readonly zone: string | undefined
  readonly isSessionOnly: boolean
}

/**
 * What commands are made of. main.ts builds it; nothing is opened before a command asks, so `--help` needs no database.
 * `signal` aborts when the person interrupts.
 */
export type Program = {
  readonly version: string
  readonly terminal: Terminal
  readonly start: (
    request: StartRequest,
    signal: AbortSignal,
  ) => Promise<{ readonly url: string; readonly stopped: Promise<void> }>
  /** Carries out runs until `signal` aborts. Throws QUEUE_UNKNOWN. */
  readonly work: (request: WorkRequest, signal: AbortSignal) => Promise<Working>
  /** The tracking server alone, until `signal` aborts. */
  readonly serveTracking: (request: ServeTrackingRequest, signal: AbortSignal) => Promise<ServedTracking>
  readonly rehearse: (
    request: RehearseRequest,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ) => Promise<Rehearsed>
  readonly recycle: (
    request: RecycleRequest,
    signal: AbortSignal,
  ) => Promise<Omit<RecycledExchange, 'close'> & { readonly stopped: Promise<void> }>
  /** The certificate that a file holds, or that the report in it names. */
  readonly certificateIn: (file: string) => Promise<Certificate>
  /** Holds this machine's numbers against the golden files of a folder. */
  readonly checkReference: (folder: string) => Promise<CheckedReference>
  readonly importBars: (
    request: ImportRequest,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ) => Promise<ImportReport>
  /** Bars from sources. */
  readonly collect: CollectProgram
  /** Symbols, sectors and the calendar. */
  readonly market: MarketProgram
  /** What is held back, companies and news. */
  readonly quality: QualityProgram
  readonly flows: FlowProgram
  /** What people are told. */
  readonly alerts: AlertsProgram
}
