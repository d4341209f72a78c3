import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { FlowRun } from '../../../src/api/contract.ts'
import { ask } from '../live/ask.ts'
import { useLive } from '../live/live-home.tsx'
import { useRehearse } from '../live/use-flows.ts'
import { Chip, type Tone } from '../parts/chip.tsx'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { Unknown } from '../parts/figure-text.tsx'
import { FlowProgress } from '../parts/flow-progress.tsx'
import { Failure } from '../parts/notice.tsx'
import { PageQuery } from '../parts/page-query.tsx'
import { Nothing, Panel } from '../parts/panel.tsx'
import { duration } from '../words/figures.ts'
import { wordsOf } from '../words/names.ts'
import { exactTime } from '../words/times.ts'

const TONES: Readonly<Record<FlowRun['state'], Tone>> = {
  queued: 'neutral',
  running: 'accent',
  done: 'gain',
  failed: 'loss',
  cancelled: 'warn',
}

const COLUMNS: readonly Column<FlowRun>[] = [
  { title: 'Flow', by: (run) => run.name, show: (run) => <strong>{wordsOf(run.name)}</strong> },
  { title: 'State', by: (run) => run.state, show: (run) => <Chip tone={TONES[run.state]}>{wordsOf(run.state)}</Chip> },
  {
    title: 'Started',
    isNumber: true,
    by: (run) => run.startedAt,
    show: (run) => exactTime(run.startedAt).replace(' New York', ''),
  },
  {
    title: 'Took',
    isNumber: true,
    by: (run) => (run.endedAt === null ? null : run.endedAt - run.startedAt),
    show: (run) => (run.endedAt === null ? <Unknown reason="It has not ended yet." /> : duration(run.endedAt - run.startedAt)),
  },
  { title: 'Says', isWide: true, by: (run) => run.sentence, show: (run) => run.sentence },
]

/** What runs, how far has it come, and how did the last runs end? */
export default function Flows() {
  const { view } = useLive()
  const asked = useQuery({ queryKey: ['flows'], queryFn: () => ask<FlowRun[]>('/flows') })
  const live = view.data?.home.flows
  return <PageQuery query={asked} show={(runs) => <Runs runs={live ?? runs} />} />
}

function Runs({ runs }: { readonly runs: readonly FlowRun[] }) {
  const rehearse = useRehearse()
  const running = runs.filter(({ state }) => state === 'running' || state === 'queued')
  return (
    <>
      {rehearse.error !== null && <Failure error={rehearse.error} onAgain={() => rehearse.mutate()} />}
      <Panel
        title="Running"
        aside={
          <Button size="compact-xs" variant="default" loading={rehearse.isPending} onClick={() => rehearse.mutate()}>
            Rehearse the last session
          </Button>
        }
      >
        {running.length === 0 ? (
          <Nothing>Nothing runs now.</Nothing>
        ) : (
          running.map((run) => <FlowProgress key={run.id} run={run} />)
        )}
      </Panel>
      <Panel title="Runs" aside="newest first · New York time">
        {runs.length === 0 ? (
          <Nothing>No flow has run yet.</Nothing>
        ) : (
          <DataTable label="Runs" columns={COLUMNS} rows={runs} idOf={(run) => run.id} />
        )}
      </Panel>
    </>
  )
}
