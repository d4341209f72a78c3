import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { FlowView } from '../../../../src/api/contract.ts'
import { useNow } from '../../live/use-clock.ts'
import { usePause } from '../../live/use-flows.ts'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Unknown } from '../../parts/figure-text.tsx'
import { Failure } from '../../parts/notice.tsx'
import { ofThisBook } from '../../parts/of-this-book.ts'
import { Panel } from '../../parts/panel.tsx'
import { Switch } from '../../parts/switch.tsx'
import { ageText, countdown, flowSentences } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import { exactTime, minuteTime, weekdayText } from '../../words/times.ts'
import css from './flows.module.css'
import { RunState } from './run-state.tsx'

/** Which flows are there, when do they run by themselves, how did each last end? */
export function CataloguePanel({ flows }: { readonly flows: readonly FlowView[] }) {
  const scheduled = flows.filter(({ schedule }) => schedule !== null).length
  return (
    <div className={css.catalogue}>
      <Panel title="Flows" aside={`${scheduled} by themselves · New York time`}>
        <DataTable label="Flows" columns={COLUMNS} rows={flows} idOf={({ name }) => name} />
      </Panel>
    </div>
  )
}

const COLUMNS: readonly Column<FlowView>[] = [
  {
    title: 'Flow',
    by: ({ name }) => name,
    show: (flow) => (
      <strong className={css.name} title={flowSentences(flow)}>
        {wordsOf(flow.name)}
      </strong>
    ),
  },
  {
    title: 'By itself',
    by: ({ schedule }) => schedule?.phrase ?? null,
    show: ({ schedule, needsAccount }) =>
      schedule?.phrase ?? <span className="muted">{needsAccount ? 'with an account' : 'on demand'}</span>,
  },
  {
    title: 'Next',
    by: ({ schedule }) => schedule?.next.at(0) ?? null,
    show: (flow) => <Next flow={flow} />,
  },
  {
    title: 'On',
    by: ({ schedule }) => (schedule === null ? null : Number(!schedule.isPaused)),
    show: (flow) => <Pause flow={flow} />,
  },
  { title: 'Start', by: ({ isStartable }) => Number(isStartable), show: (flow) => <Start flow={flow} /> },
  { title: 'Last', by: ({ lastRun }) => lastRun?.startedAt ?? null, show: (flow) => <Last flow={flow} /> },
]

function Next({ flow: { schedule, name } }: { readonly flow: FlowView }) {
  const now = useNow()
  if (schedule === null) return null
  const next = schedule.next.at(0)
  if (schedule.isPaused) return <span className="warn">Paused{schedule.pausedBy === null ? '' : ` by ${schedule.pausedBy}`}</span>
  if (next === undefined) return <Unknown reason={`The calendar has no further occurrence of ${wordsOf(name)}.`} />
  return (
    <time title={schedule.next.map(exactTime).join('\n')}>
      {countdown(next, now)}{' '}
      <span className={css.spare}>
        {weekdayText(next)} {minuteTime(next)}
      </span>
    </time>
  )
}

function Pause({ flow: { name, schedule } }: { readonly flow: FlowView }) {
  const pause = usePause()
  if (schedule === null) return null
  if (pause.error !== null) return <Failure error={pause.error} onAgain={pause.reset} />
  return (
    <Switch
      isOn={!schedule.isPaused}
      isBusy={pause.isPending}
      label={`Run ${wordsOf(name)} by itself`}
      onSwitch={(isOn) => pause.mutate({ name, isPaused: !isOn })}
    />
  )
}

function Last({ flow: { lastRun } }: { readonly flow: FlowView }) {
  const now = useNow()
  if (lastRun === null) return <span className="muted">never</span>
  return (
    <Link to="/flows/runs/$id" params={{ id: lastRun.id }} search={ofThisBook} className={css.last}>
      <RunState run={lastRun} />{' '}
      <time className={css.spare} title={exactTime(lastRun.startedAt)}>
        {ageText(lastRun.startedAt, now)}
      </time>
    </Link>
  )
}

function Start({ flow: { name, isStartable } }: { readonly flow: FlowView }) {
  if (!isStartable) return <Unknown reason="Other flows begin it, with what they hand on." />
  return (
    <Button
      size="compact-xs"
      variant="default"
      renderRoot={(props) => <Link from="/flows" search={(search) => ({ ...search, start: name })} {...props} />}
      aria-label={`Run ${wordsOf(name)}`}
    >
      Run
    </Button>
  )
}
