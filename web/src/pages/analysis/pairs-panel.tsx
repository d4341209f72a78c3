import { useMemo } from 'react'
import type { PairVerdict, ScreenedPair, ScreenRules, ScreenView } from '../../../../src/api/contract.ts'
import { Chip } from '../../parts/chip.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Unknown } from '../../parts/figure-text.tsx'
import { measuredColumn } from '../../parts/measured-column.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { count, pValue, ratio } from '../../words/figures.ts'
import { pairText } from '../../words/names.ts'
import { unscoredText, VERDICT_NAMES, verdictSentence } from '../../words/screen.ts'
import css from './tables.module.css'

const NOT_REACHED = unscoredText(undefined)

function measured(title: string, of: (row: ScreenedPair) => number | null, show: (value: number) => string) {
  return measuredColumn({ title, of, show, unknown: NOT_REACHED })
}

function part(
  title: string,
  name: 'fit' | 'volatilityForecast' | 'recentBacktest' | 'residualDiagnostics',
): Column<ScreenedPair> {
  return {
    title,
    isNumber: true,
    by: (row) => row[name],
    show: (row) => {
      const value = row[name]
      return value === null ? <Unknown reason={unscoredText(row.unscored[name])} /> : ratio(value)
    },
  }
}

function columnsFor(rules: ScreenRules): readonly Column<ScreenedPair>[] {
  return [
    { title: 'Pair', by: (row) => row.pair, show: (row) => <strong>{pairText(row.pair)}</strong> },
    measured('Rank', (row) => row.rank, count),
    {
      title: 'Verdict',
      by: (row) => row.verdict,
      show: (row) => <Chip tone={row.verdict === 'shortlisted' ? 'gain' : 'neutral'}>{VERDICT_NAMES[row.verdict]}</Chip>,
    },
    {
      title: 'Why',
      isWide: true,
      by: (row) => verdictSentence(row, rules),
      show: (row) => <span className={css.why}>{verdictSentence(row, rules)}</span>,
    },
    measured('Score', (row) => row.score, ratio),
    part('Fit', 'fit'),
    part('Forecast', 'volatilityForecast'),
    part('Backtest', 'recentBacktest'),
    part('Residuals', 'residualDiagnostics'),
    measured('Correlation', (row) => row.correlation, ratio),
    measured('p-value', (row) => row.pValue, pValue),
    measured('Adjusted p', (row) => row.adjustedPValue, pValue),
    measured('Hedge ratio', (row) => row.hedgeRatio, ratio),
    measured(
      'Half-life, bars',
      (row) => row.halfLifeBars,
      (bars) => bars.toFixed(1),
    ),
    measured('Held-back p', (row) => row.tailPValue, pValue),
    measured('Shift, σ', (row) => row.tailShift, ratio),
  ]
}

type PairsPanelProps = { readonly screen: ScreenView; readonly verdict: PairVerdict | undefined }

/** Every pair tried, with what stopped it; all of them, or those with one verdict. */
export function PairsPanel({ screen, verdict }: PairsPanelProps) {
  const columns = useMemo(() => columnsFor(screen.rules), [screen.rules])
  const { pairs, tested, verdicts } = screen
  const total = verdict === undefined ? tested : (verdicts[verdict] ?? 0)
  return (
    <div className={css.bounded}>
      <Panel
        title="Pairs, best first"
        aside={pairs.length < total ? `first ${count(pairs.length)} of ${count(total)}` : undefined}
      >
        {pairs.length === 0 ? (
          <Nothing>No pair was tried: fewer than two symbols were fit for it.</Nothing>
        ) : (
          <DataTable label="Screened pairs" columns={columns} rows={pairs} idOf={(row) => row.pair} />
        )}
      </Panel>
    </div>
  )
}
