import { useQuery } from '@tanstack/react-query'
import type { ScreenedPair, ScreenView } from '../../../src/api/contract.ts'
import { ask, ofBook } from '../live/ask.ts'
import { useLive } from '../live/live-home.tsx'
import { Chip } from '../parts/chip.tsx'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { Unknown } from '../parts/figure-text.tsx'
import { PageQuery } from '../parts/page-query.tsx'
import { Nothing, Panel } from '../parts/panel.tsx'
import { count, pValue, ratio } from '../words/figures.ts'
import { pairText, wordsOf } from '../words/names.ts'
import css from './pages.module.css'
import { Fact } from './portfolio.tsx'

/** An adjusted p-value above this says no more than chance would. */
const CHANCE = 0.25

const NOT_REACHED = 'The pair was stopped by an earlier gate, before this was measured.'

function measured(
  title: string,
  of: (row: ScreenedPair) => number | null,
  show: (value: number) => string,
): Column<ScreenedPair> {
  return {
    title,
    isNumber: true,
    by: of,
    show: (row) => {
      const value = of(row)
      return value === null ? <Unknown reason={NOT_REACHED} /> : show(value)
    },
  }
}

const COLUMNS: readonly Column<ScreenedPair>[] = [
  { title: 'Pair', by: (row) => row.pair, show: (row) => <strong>{pairText(row.pair)}</strong> },
  measured('Rank', (row) => row.rank, count),
  {
    title: 'Verdict',
    by: (row) => row.verdict,
    show: (row) => <Chip tone={row.verdict === 'shortlisted' ? 'gain' : 'neutral'}>{wordsOf(row.verdict)}</Chip>,
  },
  measured('Correlation', (row) => row.correlation, ratio),
  measured('p-value', (row) => row.pValue, pValue),
  measured('Adjusted p', (row) => row.adjustedPValue, pValue),
  measured('Hedge ratio', (row) => row.hedgeRatio, ratio),
  measured(
    'Half-life, bars',
    (row) => row.halfLifeBars,
    (bars) => bars.toFixed(1),
  ),
  measured('Score', (row) => row.score, ratio),
]

/** Which pairs did the last screen find, and what stopped the others? */
export default function Analysis() {
  const { asked } = useLive()
  const screen = useQuery({
    queryKey: ['screens', asked ?? null],
    queryFn: () => ask<ScreenView | null>(`/screens/latest${ofBook(asked)}`),
  })
  return <PageQuery query={screen} show={(view) => (view === null ? <NoScreen /> : <Screen screen={view} />)} />
}

function NoScreen() {
  return (
    <Panel title="Latest screen">
      <Nothing>No screen has been made yet. A rehearsal makes one before its session opens.</Nothing>
    </Panel>
  )
}

function Screen({ screen }: { readonly screen: ScreenView }) {
  return (
    <>
      <dl className={css.facts}>
        <Fact name="Day">{screen.day}</Fact>
        <Fact name="Feed">
          {screen.feed} · {screen.timeframe}
        </Fact>
        <Fact name="Complete symbols">
          {count(screen.symbolsComplete)} of {count(screen.symbolsOffered)}
        </Fact>
        <Fact name="Pairs tried">{count(screen.tested)}</Fact>
        <Fact name="Correlated">{count(screen.correlated)}</Fact>
        <Fact name="Cointegrated">{count(screen.cointegrated)}</Fact>
        <Fact name="Shortlisted">{count(screen.shortlisted)}</Fact>
      </dl>
      <p className={css.say}>{chanceText(screen)}</p>
      <Panel title="Pairs, best first" aside={verdictsText(screen.verdicts)}>
        <DataTable label="Screened pairs" columns={COLUMNS} rows={screen.pairs} idOf={(row) => row.pair} />
      </Panel>
    </>
  )
}

/** What the screen's p-values are worth after so many tries. */
function chanceText({ tested, cointegrated, rules, bestAdjustedPValue: best, pairs }: ScreenView): string {
  const passed = `Of ${count(tested)} pairs tried, ${cointegrated === 0 ? 'none passes' : `${count(cointegrated)} ${cointegrated === 1 ? 'passes' : 'pass'}`} p ≤ ${rules.maximumPValue}.`
  if (best === null) return passed
  const tries = `adjusted for ${count(tested)} tries`
  if (best > CHANCE) return `${passed} The best p-value ${tries} is ${pValue(best)}: such pairs cannot be told from chance.`
  const doubtful = pairs.filter(({ adjustedPValue }) => adjustedPValue !== null && adjustedPValue > CHANCE).length
  const doubt = doubtful === 0 ? 'none is' : `${count(doubtful)} ${doubtful === 1 ? 'is' : 'are'}`
  return `${passed} The best p-value ${tries} is ${pValue(best)}; ${doubt} above ${CHANCE}, where a pair cannot be told from chance.`
}

function verdictsText(verdicts: Readonly<Record<string, number>>): string {
  return Object.entries(verdicts)
    .map(([verdict, pairs]) => `${count(pairs)} ${wordsOf(verdict).toLowerCase()}`)
    .join(' · ')
}
