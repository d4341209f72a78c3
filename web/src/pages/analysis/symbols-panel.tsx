import { useMemo } from 'react'
import type { ScreenedSymbol, ScreenRules, ScreenView } from '../../../../src/api/contract.ts'
import { Chip } from '../../parts/chip.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { measuredColumn } from '../../parts/measured-column.tsx'
import { Panel } from '../../parts/panel.tsx'
import { count, percent, pValue, ratio } from '../../words/figures.ts'
import { wordsOf } from '../../words/names.ts'
import { symbolSentence } from '../../words/screen.ts'
import css from './tables.module.css'

function measured(title: string, of: (row: ScreenedSymbol) => number | null, show: (value: number) => string) {
  return measuredColumn({
    title,
    of,
    show,
    unknown: 'The symbol was left out before this was measured, or its last bars have a gap.',
  })
}

function columnsFor(rules: ScreenRules): readonly Column<ScreenedSymbol>[] {
  return [
    { title: 'Symbol', by: (row) => row.symbol, show: (row) => <strong>{row.symbol}</strong> },
    {
      title: 'Verdict',
      by: (row) => row.verdict,
      show: (row) => <Chip tone={row.verdict === 'screened' ? 'neutral' : 'warn'}>{wordsOf(row.verdict)}</Chip>,
    },
    {
      title: 'Why',
      isWide: true,
      by: (row) => symbolSentence(row, rules),
      show: (row) => <span className={css.why}>{symbolSentence(row, rules)}</span>,
    },
    measured('Bars', (row) => row.observations, count),
    measured('Bad ticks', (row) => row.maskedSpikes, count),
    measured('Last z', (row) => row.zScore, ratio),
    measured('Volatility a bar', (row) => row.volatility, percent),
    measured('Volatility variation', (row) => row.volatilityVariation, ratio),
    measured('ARCH-LM p', (row) => row.archPValue, pValue),
    measured('Ljung–Box p', (row) => row.ljungBoxPValue, pValue),
  ]
}

/** Every symbol offered, left out ones first. */
export function SymbolsPanel({ screen }: { readonly screen: ScreenView }) {
  const columns = useMemo(() => columnsFor(screen.rules), [screen.rules])
  const leftOut = screen.symbols.filter(({ verdict }) => verdict !== 'screened').length
  const ticks = Object.values(screen.maskedSpikes).reduce((sum, masked) => sum + masked, 0)
  return (
    <div className={css.bounded}>
      <Panel title="Symbols" aside={`${count(leftOut)} left out · ${count(ticks)} bad ${ticks === 1 ? 'tick' : 'ticks'} masked`}>
        <DataTable label="Screened symbols" columns={columns} rows={screen.symbols} idOf={(row) => row.symbol} />
      </Panel>
    </div>
  )
}
