import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { FlowView } from '../../../src/api/contract.ts'
import { ask } from '../live/ask.ts'
import { useLive } from '../live/live-home.tsx'
import { useFlowsFollowed } from '../live/use-flows.ts'
import { FlowProgress } from '../parts/flow-progress.tsx'
import { PageQuery } from '../parts/page-query.tsx'
import { Nothing, Panel } from '../parts/panel.tsx'
import { AlertsPanel } from './flows/alerts-panel.tsx'
import { CataloguePanel } from './flows/catalogue-panel.tsx'
import css from './flows/flows.module.css'
import { QueuesPanel } from './flows/queues-panel.tsx'
import { RunsPanel } from './flows/runs-panel.tsx'
import { StartDrawer } from './flows/start-drawer.tsx'
import { TimelinePanel } from './flows/timeline-panel.tsx'

/** What runs by itself and when, what runs now, how did the last runs end? */
export default function Flows() {
  useFlowsFollowed()
  const catalogue = useQuery({ queryKey: ['flows', 'catalogue'], queryFn: () => ask<FlowView[]>('/flows') })
  return <PageQuery isWide query={catalogue} show={(flows) => <Parts flows={flows} />} />
}

function Parts({ flows }: { readonly flows: readonly FlowView[] }) {
  const { start } = useSearch({ from: '/flows' })
  const navigate = useNavigate({ from: '/flows' })
  const started = flows.find(({ name }) => name === start)
  const close = () => void navigate({ search: ({ start: _, ...rest }) => rest })
  return (
    <div className={css.page}>
      <TimelinePanel flows={flows} />
      <CataloguePanel flows={flows} />
      <div className={css.side}>
        <RunningPanel />
        <AlertsPanel />
        <QueuesPanel />
      </div>
      <RunsPanel flows={flows} />
      {started !== undefined && <StartDrawer flow={started} onClose={close} />}
    </div>
  )
}

/** What is being worked on, with how far it has come. */
function RunningPanel() {
  const { view } = useLive()
  const running = (view.data?.home.flows ?? []).filter(({ state }) => state === 'running' || state === 'queued')
  return (
    <Panel title="Running" aside={running.length === 0 ? undefined : `${running.length} now`}>
      {running.length === 0 ? (
        <Nothing>Nothing runs now.</Nothing>
      ) : (
        running.map((run) => <FlowProgress key={run.id} run={run} />)
      )}
    </Panel>
  )
}
