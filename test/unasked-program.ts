import type { Program } from '../src/cli/program.ts'

/** A program that speaks to `terminal` and whose every command ends in `outcome`. */
export function unaskedProgram(terminal: Program['terminal'], outcome: () => Promise<never>): Program {
  return {
    version: '1.2.3',
    terminal,
    start: outcome,
    work: outcome,
    rehearse: outcome,
    recycle: outcome,
    serveTracking: outcome,
    certificateIn: outcome,
    checkReference: outcome,
    importBars: outcome,
    collect: { loadHistory: outcome, collect: outcome },
    market: {
      symbols: outcome,
      addSymbols: outcome,
      removeSymbols: outcome,
      symbolStatus: outcome,
      checkSymbols: outcome,
      sectors: outcome,
      switchSectors: outcome,
      configuredSectors: outcome,
      checkCalendar: outcome,
    },
    quality: {
      quarantine: outcome,
      quarantineEntry: outcome,
      decideQuarantine: outcome,
      checkCloses: outcome,
      loadCompanies: outcome,
      company: outcome,
      loadNews: outcome,
      news: outcome,
    },
    alerts: { alerts: outcome, acknowledge: outcome, test: outcome },
    flows: {
      flows: outcome,
      run: outcome,
      setPaused: outcome,
      backfill: outcome,
      runs: outcome,
      show: outcome,
      logs: outcome,
      cancel: outcome,
      retry: outcome,
    },
  }
}
