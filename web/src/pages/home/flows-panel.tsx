import { Button } from '@mantine/core'
import { memo } from 'react'
import type { FlowRun } from '../../../../src/api/contract.ts'
import { useRehearse } from '../../live/use-flows.ts'
import { FlowProgress } from '../../parts/flow-progress.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { wordsOf } from '../../words/names.ts'
import css from './home.module.css'

/** What is being worked on, with how far it has come. */
export const FlowsPanel = memo(({ flows, area }: { readonly flows: readonly FlowRun[]; readonly area?: string }) => {
  const running = flows.filter(({ state }) => state === 'running' || state === 'queued')
  return (
    <Panel
      title="Flows"
      {...(area === undefined ? {} : { area })}
      aside={running.length > 0 ? `${running.length} running` : <Rehearse />}
    >
      {running.length === 0 ? <LastRun run={flows.at(0)} /> : running.map((run) => <FlowProgress key={run.id} run={run} />)}
    </Panel>
  )
})

function LastRun({ run }: { readonly run: FlowRun | undefined }) {
  if (run === undefined) return <Nothing>Nothing runs now.</Nothing>
  return (
    <div className={css.lastRun}>
      <strong>
        {wordsOf(run.name)} <span className="muted">{run.state}</span>
      </strong>
      <p className="muted">{run.sentence}</p>
    </div>
  )
}

function Rehearse() {
  const rehearse = useRehearse()
  return (
    <Button size="compact-xs" variant="default" loading={rehearse.isPending} onClick={() => rehearse.mutate()}>
      Rehearse the last session
    </Button>
  )
}
