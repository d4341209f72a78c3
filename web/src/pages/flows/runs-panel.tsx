import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import type { FlowRun, FlowView, RunList } from '../../../../src/api/contract.ts'
import { ask } from '../../live/ask.ts'
import { useLive } from '../../live/live-home.tsx'
import { Lines } from '../../parts/lines.tsx'
import { Failure } from '../../parts/notice.tsx'
import { ofThisBook } from '../../parts/of-this-book.ts'
import { Nothing, Panel } from '../../parts/panel.tsx'
import css from './flows.module.css'
import { RunSearch } from './run-search.tsx'
import { RunTable } from './run-table.tsx'
import { isNarrowed, RUNS_A_PAGE, runsAddress } from './search.ts'

/** Which runs were there, and how did they end? */
export function RunsPanel({ flows }: { readonly flows: readonly FlowView[] }) {
  const search = useSearch({ from: '/flows' })
  const address = runsAddress(search)
  const runs = useQuery({
    queryKey: ['flows', 'runs', address],
    queryFn: () => ask<RunList>(address),
    placeholderData: (before) => before,
  })
  return (
    <div className={css.runs}>
      <Panel title="Runs" aside="newest first · New York time" isStale={runs.isPlaceholderData}>
        <RunSearch flows={flows} />
        {runs.error !== null && <Failure error={runs.error} onAgain={() => void runs.refetch()} />}
        {runs.data === undefined ? runs.error === null && <Lines widths={[94, 88, 91, 79]} /> : <Found list={runs.data} />}
      </Panel>
    </div>
  )
}

function Found({ list: { runs, isMore } }: { readonly list: RunList }) {
  const search = useSearch({ from: '/flows' })
  const rows = useMovedOn(runs)
  if (rows.length === 0)
    return (
      <Nothing>
        {isNarrowed(search) ? 'No run matches. ' : 'No flow has run yet; each run will be listed here with how it ended.'}
        {isNarrowed(search) && <All />}
      </Nothing>
    )
  const { offset = 0 } = search
  return (
    <>
      <RunTable label="Runs" runs={rows} />
      <nav className={css.pager} aria-label="Pages of runs">
        {offset > 0 && <Page offset={Math.max(0, offset - RUNS_A_PAGE)}>Newer</Page>}
        {isMore && <Page offset={offset + RUNS_A_PAGE}>Older</Page>}
      </nav>
    </>
  )
}

/** The runs with what the stream said of them since they were read. */
function useMovedOn(runs: readonly FlowRun[]): readonly FlowRun[] {
  const { view } = useLive()
  const live = new Map(view.data?.home.flows.map((run) => [run.id, run]))
  return runs.map((run) => live.get(run.id) ?? run)
}

function All() {
  return (
    <Link from="/flows" search={ofThisBook} className={css.link} resetScroll={false}>
      Show all runs
    </Link>
  )
}

function Page({ offset, children }: { readonly offset: number; readonly children: string }) {
  return (
    <Link
      from="/flows"
      search={({ offset: _, ...rest }) => (offset === 0 ? rest : { ...rest, offset })}
      className={css.link}
      resetScroll={false}
    >
      {children}
    </Link>
  )
}
