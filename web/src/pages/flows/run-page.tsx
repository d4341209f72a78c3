import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { FlowView, RunDetail } from '../../../../src/api/contract.ts'
import { ask } from '../../live/ask.ts'
import { useFlowsFollowed } from '../../live/use-flows.ts'
import { PageQuery } from '../../parts/page-query.tsx'
import { Panel } from '../../parts/panel.tsx'
import { count } from '../../words/figures.ts'
import { RunFacts } from './run-facts.tsx'
import { RunHead } from './run-head.tsx'
import { RunLogs } from './run-logs.tsx'
import css from './run-page.module.css'
import { RunSteps } from './run-steps.tsx'
import { RunTable } from './run-table.tsx'

const MOVED_ON_EVERY_MS = 2_000

/** What does this run do, how far has it come, why did it end so? */
export default function RunPage() {
  const { id } = useParams({ from: '/flows/runs/$id' })
  useFlowsFollowed()
  const detail = useQuery({
    queryKey: ['flows', 'run', id],
    queryFn: () => ask<RunDetail>(`/runs/${encodeURIComponent(id)}`),
    // The stream tells of runs and not of their steps.
    refetchInterval: ({ state: { data } }) => (data !== undefined && data.run.endedAt === null ? MOVED_ON_EVERY_MS : false),
  })
  const catalogue = useQuery({ queryKey: ['flows', 'catalogue'], queryFn: () => ask<FlowView[]>('/flows') })
  return (
    <PageQuery
      isWide
      query={detail}
      show={(view) => <Parts key={id} view={view} flow={catalogue.data?.find(({ name }) => name === view.run.name)} />}
    />
  )
}

function Parts({ view, flow }: { readonly view: RunDetail; readonly flow: FlowView | undefined }) {
  const { run, children } = view
  return (
    <div className={css.page}>
      <RunHead view={view} flow={flow} />
      <div className={css.columns}>
        <RunSteps view={view} />
        <RunFacts view={view} />
      </div>
      <RunLogs runId={run.id} />
      {children.length > 0 && (
        <div className={css.bounded}>
          <Panel title="Began" aside={children.length === 1 ? 'one run' : `${count(children.length)} runs, oldest first`}>
            <RunTable label="Runs that it began" runs={children} />
          </Panel>
        </div>
      )}
    </div>
  )
}
