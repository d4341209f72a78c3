import { Link } from '@tanstack/react-router'
import type { FlowRun } from '../../../../src/api/contract.ts'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Unknown } from '../../parts/figure-text.tsx'
import { ofThisBook } from '../../parts/of-this-book.ts'
import { CAUSE_NAMES, progressText, tookText } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import { clockTime, dateText, exactTime } from '../../words/times.ts'
import css from './flows.module.css'
import { RunState } from './run-state.tsx'

/** Runs as rows, each of which leads to its own page. */
export function RunTable({ label, runs }: { readonly label: string; readonly runs: readonly FlowRun[] }) {
  return <DataTable label={label} columns={COLUMNS} rows={runs} idOf={({ id }) => id} />
}

const COLUMNS: readonly Column<FlowRun>[] = [
  {
    title: 'Flow',
    by: ({ name }) => name,
    show: ({ id, name }) => (
      <Link to="/flows/runs/$id" params={{ id }} search={ofThisBook} className={css.runName} title={id}>
        {wordsOf(name)}
      </Link>
    ),
  },
  { title: 'State', by: ({ state }) => state, show: (run) => <RunState run={run} /> },
  {
    title: 'Began',
    isNumber: true,
    by: ({ startedAt }) => startedAt,
    show: ({ startedAt }) => <Began at={startedAt} />,
  },
  {
    title: 'Took',
    isNumber: true,
    by: ({ startedAt, endedAt }) => (endedAt === null ? null : endedAt - startedAt),
    show: ({ startedAt, endedAt }) =>
      endedAt === null ? <Unknown reason="It has not ended yet." /> : tookText(endedAt - startedAt),
  },
  { title: 'About', by: (run) => aboutOf(run), show: (run) => <About run={run} /> },
  {
    title: 'Says',
    isWide: true,
    by: ({ sentence }) => sentence,
    show: ({ state, isSkipped, sentence, progress }) => (
      <span className={state === 'done' && !isSkipped ? 'muted' : undefined}>
        {sentence}
        {progress !== null && <span className="muted"> · {progressText(progress)}</span>}
      </span>
    ),
  },
]

/** The time of day, and before it the date unless it is today's. */
function Began({ at }: { readonly at: number }) {
  const date = dateText(at)
  return (
    <time title={exactTime(at)}>
      {date !== dateText(Date.now()) && <span className="muted">{date} </span>}
      {clockTime(at)}
    </time>
  )
}

function aboutOf({ facts }: FlowRun): string {
  return Object.values(facts).join(' ')
}

/** What a run is about; choosing a fact lists the runs that share it. */
function About({ run: { facts, cause } }: { readonly run: FlowRun }) {
  const named = Object.entries(facts)
  return (
    <span className={css.about}>
      {named.map(([name, value]) => (
        <Link
          key={name}
          to="/flows"
          search={(search) => ({ ...ofThisBook(search), fact: `${name}=${value}` })}
          className={css.fact}
          title={`Runs with ${name} ${value}`}
        >
          {value}
        </Link>
      ))}
      <span className="muted">by {CAUSE_NAMES[cause]}</span>
    </span>
  )
}
