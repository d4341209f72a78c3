import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { ModelView } from '../../../src/api/contract.ts'
import { ask, ofBook } from '../live/ask.ts'
import { useLive } from '../live/live-home.tsx'
import { Chip } from '../parts/chip.tsx'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { FigureText, Unknown } from '../parts/figure-text.tsx'
import { PageQuery } from '../parts/page-query.tsx'
import { Nothing, Panel } from '../parts/panel.tsx'
import { count, decimals } from '../words/figures.ts'
import { inSentences, pairText, wordsOf } from '../words/names.ts'
import css from './pages.module.css'

/** More columns than this do not fit beside the reasons. */
const MOST_SCORES = 8

/** Which models does the book trade with, how good are they, and why are the others not promoted? */
export default function Models() {
  const { asked } = useLive()
  const models = useQuery({ queryKey: ['models', asked ?? null], queryFn: () => ask<ModelView[]>(`/models${ofBook(asked)}`) })
  return <PageQuery query={models} show={(rows) => <ModelTable rows={rows} />} />
}

function ModelTable({ rows }: { readonly rows: readonly ModelView[] }) {
  const columns = useMemo(() => columnsFor(rows), [rows])
  const promoted = rows.filter((row) => row.isPromoted).length
  return (
    <Panel title="Pair models" aside={`${count(promoted)} of ${count(rows.length)} promoted · scores on the test part`}>
      {rows.length === 0 ? (
        <Nothing>No model has been trained in this book yet. Training follows the screen of a trading day.</Nothing>
      ) : (
        <DataTable label="Pair models" columns={columns} rows={rows} idOf={(row) => row.id} />
      )}
    </Panel>
  )
}

function columnsFor(rows: readonly ModelView[]): Column<ModelView>[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.scores)))].slice(0, MOST_SCORES)
  return [
    { title: 'Pair', by: (row) => row.pair, show: (row) => <strong>{pairText(row.pair)}</strong> },
    { title: 'Day', by: (row) => row.day, show: (row) => row.day },
    {
      title: 'Promotion',
      by: (row) => Number(row.isPromoted),
      show: (row) => <Chip tone={row.isPromoted ? 'gain' : 'neutral'}>{row.isPromoted ? 'Promoted' : 'Not promoted'}</Chip>,
    },
    ...names.map((name) => scoreColumn(name, rows)),
    {
      title: 'Why',
      isWide: true,
      by: (row) => row.gateReasons.join(' '),
      show: (row) => <span className={css.reasons}>{inSentences(row.gateReasons)}</span>,
    },
  ]
}

function scoreColumn(name: string, rows: readonly ModelView[]): Column<ModelView> {
  const isCount = rows.every(({ scores: { [name]: figure } }) => figure?.kind !== 'known' || Number.isInteger(figure.value))
  return {
    title: wordsOf(name),
    isNumber: true,
    by: (row) => {
      const figure = row.scores[name]
      return figure?.kind === 'known' ? figure.value : null
    },
    show: (row) => {
      const figure = row.scores[name]
      if (figure === undefined) return <Unknown reason="This model was not scored by this measure." />
      return <FigureText figure={figure} show={isCount ? count : decimals} />
    },
  }
}
