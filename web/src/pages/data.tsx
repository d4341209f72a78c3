import { useQuery } from '@tanstack/react-query'
import type { SectorView, SymbolEventView, SymbolView } from '../../../src/api/contract.ts'
import { ask } from '../live/ask.ts'
import { PageQuery } from '../parts/page-query.tsx'
import { CoveragePanel } from './data/coverage-panel.tsx'
import css from './data/data.module.css'
import { HistoryPanel } from './data/history-panel.tsx'
import { QuarantinePanel } from './data/quarantine-panel.tsx'
import { SectorsPanel } from './data/sectors-panel.tsx'
import { SymbolsPanel } from './data/symbols-panel.tsx'

type Listings = {
  readonly symbols: readonly SymbolView[]
  readonly sectors: readonly SectorView[]
  readonly events: readonly SymbolEventView[]
}

async function readListings(): Promise<Listings> {
  const [symbols, sectors, events] = await Promise.all([
    ask<SymbolView[]>('/symbols'),
    ask<SectorView[]>('/sectors'),
    ask<SymbolEventView[]>('/symbols/events?limit=50'),
  ])
  return { symbols, sectors, events }
}

/** Can what is stored be trusted, and what of it may be traded? */
export default function Data() {
  const listings = useQuery({ queryKey: ['data', 'listings'], queryFn: readListings })
  return (
    <div className={css.page}>
      <CoveragePanel />
      <QuarantinePanel />
      <PageQuery
        query={listings}
        show={({ symbols, sectors, events }) => (
          <>
            <div className={css.beside}>
              <SectorsPanel sectors={sectors} />
              <HistoryPanel events={events} />
            </div>
            <SymbolsPanel symbols={symbols} />
          </>
        )}
      />
    </div>
  )
}
