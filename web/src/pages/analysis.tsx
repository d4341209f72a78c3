import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { PairVerdict, ScreenView } from '../../../src/api/contract.ts'
import { ask } from '../live/ask.ts'
import { useLive } from '../live/live-home.tsx'
import { PageQuery } from '../parts/page-query.tsx'
import { Nothing, Panel } from '../parts/panel.tsx'
import { count, pValue } from '../words/figures.ts'
import { Funnel } from './analysis/funnel.tsx'
import { PairsPanel } from './analysis/pairs-panel.tsx'
import { SymbolsPanel } from './analysis/symbols-panel.tsx'
import { VerdictChoice } from './analysis/verdict-choice.tsx'
import css from './pages.module.css'
import { Fact } from './portfolio.tsx'

/** An adjusted p-value above this says no more than chance would. */
const CHANCE = 0.25

/** Which pairs did the last screen find, and what stopped the others? */
export default function Analysis() {
  const { asked } = useLive()
  const [verdict, setVerdict] = useState<PairVerdict>()
  const screen = useQuery({
    queryKey: ['screens', asked ?? null, verdict ?? null],
    queryFn: () => ask<ScreenView | null>(`/screens/latest${queryOf({ book: asked, verdict })}`),
    placeholderData: keepPreviousData,
  })
  return (
    <PageQuery
      query={screen}
      show={(view) => (view === null ? <NoScreen /> : <Screen screen={view} verdict={verdict} onVerdict={setVerdict} />)}
    />
  )
}

function queryOf(asked: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return said.length === 0 ? '' : `?${new URLSearchParams(said)}`
}

function NoScreen() {
  return (
    <Panel title="Latest screen">
      <Nothing>No screen has been made yet. A rehearsal makes one before its session opens.</Nothing>
    </Panel>
  )
}

type ScreenProps = {
  readonly screen: ScreenView
  readonly verdict: PairVerdict | undefined
  readonly onVerdict: (verdict: PairVerdict | undefined) => void
}

function Screen({ screen, verdict, onVerdict }: ScreenProps) {
  const { rows, headRows } = screen
  return (
    <>
      <dl className={css.facts}>
        <Fact name="Day">{screen.day}</Fact>
        <Fact name="Feed">
          {screen.feed} · {screen.timeframe}
        </Fact>
        {rows !== null && <Fact name="Bars">{count(rows)}</Fact>}
        {rows !== null && headRows !== null && <Fact name="Newest, held back">{count(rows - headRows)}</Fact>}
        <Fact name="Pairs tried">{count(screen.tested)}</Fact>
        <Fact name="Shortlisted">{count(screen.shortlisted)}</Fact>
      </dl>
      <Panel title="Passed at each gate" aside="lengths are logarithmic">
        <Funnel screen={screen} />
      </Panel>
      <p className={css.say}>{chanceText(screen)}</p>
      <VerdictChoice screen={screen} verdict={verdict} onVerdict={onVerdict} />
      <PairsPanel screen={screen} verdict={verdict} />
      {screen.symbols.length > 0 && <SymbolsPanel screen={screen} />}
    </>
  )
}

/** What the screen's p-values are worth after so many tries. */
function chanceText({ tested, cointegrated, rules, bestAdjustedPValue: best }: ScreenView): string {
  const passed = `Of ${count(tested)} pairs tried, ${cointegrated === 0 ? 'none passes' : `${count(cointegrated)} ${cointegrated === 1 ? 'passes' : 'pass'}`} p ≤ ${rules.maximumPValue}.`
  if (best === null) return passed
  const tries = `adjusted for ${count(tested)} tries`
  if (best > CHANCE) return `${passed} The best p-value ${tries} is ${pValue(best)}: such pairs cannot be told from chance.`
  return `${passed} The best p-value ${tries} is ${pValue(best)}; above ${CHANCE} a pair cannot be told from chance.`
}
