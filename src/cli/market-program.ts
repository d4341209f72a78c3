import type { SectorView, SymbolEventView, SymbolMinutesView, SymbolView } from '#desk/market-views.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { CalendarDifference } from '#market/calendar-check.ts'

/** How whole a symbol's bars of one session are; minutes. `judged`: whether the ledger was kept, so that missing ones are known. */
export type SessionCoverage = {
  readonly day: string
  readonly minutes: number
  readonly present: number
  readonly repaired: number
  readonly noTrade: number
  readonly missing: number
  readonly isJudged: boolean
}

export type SymbolStatus = {
  readonly symbol: SymbolView
  readonly feed: string | null
  readonly sessions: readonly SessionCoverage[]
  /** Stretches of the newest session that are missing or were repaired, with their cause where one is known. */
  readonly holes: SymbolMinutesView['runs']
  readonly events: readonly SymbolEventView[]
}

/** What `symbols check` found. `broker`: whether one was asked. */
export type SymbolCheck =
  | {
      readonly kind: 'found'
      readonly broker: boolean
      readonly feed: string
      readonly symbols: number
      readonly events: readonly SymbolEventView[]
    }
  | {
      readonly kind: 'implausible'
      readonly broker: boolean
      readonly feed: string
      readonly symbols: number
      readonly gone: readonly string[]
    }

export type CalendarReport = {
  readonly from: SessionDate
  readonly through: SessionDate
  readonly differences: readonly CalendarDifference[]
}

/** Which sectors are to be traded. */
export type SectorSwitch =
  | { readonly kind: 'only'; readonly sectors: readonly string[] }
  | { readonly kind: 'all' }
  | { readonly kind: 'configuration' }

/** What the commands about symbols, sectors and the calendar are made of. */
export type MarketProgram = {
  readonly symbols: () => Promise<readonly SymbolView[]>
  /** Adds symbols or puts known ones back into the active set; answers those that changed. */
  readonly addSymbols: (symbols: readonly string[], sector: string | undefined) => Promise<readonly string[]>
  /** Takes symbols out of the active set; answers those that changed. What is stored of them stays. */
  readonly removeSymbols: (symbols: readonly string[]) => Promise<readonly string[]>
  readonly symbolStatus: (symbols: readonly string[], sessions: number) => Promise<readonly SymbolStatus[]>
  readonly checkSymbols: () => Promise<SymbolCheck>
  readonly sectors: () => Promise<readonly SectorView[]>
  readonly switchSectors: (choice: SectorSwitch) => Promise<readonly SectorView[]>
  /** What the configuration says of sectors: the lists, and the active ones (empty: all). */
  readonly configuredSectors: () => Promise<{ readonly listed: readonly string[]; readonly active: readonly string[] }>
  readonly checkCalendar: (range: {
    readonly from: string | undefined
    readonly through: string | undefined
  }) => Promise<CalendarReport>
}
