import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { FlowRun, FlowView, RunList } from '../../../../src/api/contract.ts'
import { ask } from '../../live/ask.ts'
import { useNow } from '../../live/use-clock.ts'
import { Lines } from '../../parts/lines.tsx'
import { Failure } from '../../parts/notice.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { RUN_STATES } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import { dateText, dayAfter, dayBounds, dayText } from '../../words/times.ts'
import css from './flows.module.css'
import { type Span, TimelineLane } from './timeline-lane.tsx'

const MOST_RUNS = 500
const HOUR_MS = 3_600_000

/** What ran on a day and what is still to come, a lane for each flow? */
export function TimelinePanel({ flows }: { readonly flows: readonly FlowView[] }) {
  const { day: asked } = useSearch({ from: '/flows' })
  const today = dateText(useNow())
  const day = asked ?? today
  const span = dayBounds(day)
  const runs = useQuery({
    queryKey: ['flows', 'day', day],
    queryFn: () => ask<RunList>(`/runs?since=${span?.from}&until=${span?.until}&limit=${MOST_RUNS}`),
    enabled: span !== undefined,
    placeholderData: (before) => before,
  })
  return (
    <div className={css.timeline}>
      <Panel title="Timeline" aside={<DayChoice day={day} today={today} />} isStale={runs.isPlaceholderData}>
        {runs.error !== null && <Failure error={runs.error} onAgain={() => void runs.refetch()} />}
        {runs.data !== undefined && span !== undefined ? (
          <>
            <Lanes flows={flows} runs={runs.data.runs} span={span} />
            <Legend />
          </>
        ) : (
          runs.error === null && <Lines widths={[92, 64, 78]} />
        )}
        {runs.data?.isMore && <p className={css.note}>Only the newest {MOST_RUNS} runs of the day are drawn.</p>}
      </Panel>
    </div>
  )
}

function DayChoice({ day, today }: { readonly day: string; readonly today: string }) {
  const noon = (dayBounds(day)?.from ?? 0) + 12 * HOUR_MS
  return (
    <nav className={css.days} aria-label="Day of the timeline">
      <To day={dayAfter(day, -1)} label="The day before">
        ‹
      </To>
      <span className={css.day}>{dayText(noon)}</span>
      <To day={dayAfter(day, 1)} label="The day after">
        ›
      </To>
      {day !== today && <To day={undefined}>Today</To>}
    </nav>
  )
}

function To({
  day,
  label,
  children,
}: {
  readonly day: string | undefined
  readonly label?: string
  readonly children: ReactNode
}) {
  return (
    <Link
      from="/flows"
      search={({ day: _, ...rest }) => (day === undefined ? rest : { ...rest, day })}
      resetScroll={false}
      className={css.step}
      aria-label={label}
    >
      {children}
    </Link>
  )
}

type LanesProps = { readonly flows: readonly FlowView[]; readonly runs: readonly FlowRun[]; readonly span: Span }

function Lanes({ flows, runs, span }: LanesProps) {
  const lanes = flows
    .map(({ name, schedule }) => ({
      name,
      runs: runs.filter((run) => run.name === name),
      coming: (schedule?.next ?? []).filter((at) => span.from <= at && at < span.until),
    }))
    .filter((lane) => lane.runs.length + lane.coming.length > 0)
  if (lanes.length === 0) return <Nothing>No flow ran on this day, and none is to run by itself on it.</Nothing>
  return (
    <div className={css.lanes}>
      <Hours />
      {lanes.map((lane) => (
        <TimelineLane key={lane.name} {...lane} span={span} />
      ))}
      <NowLine span={span} />
    </div>
  )
}

function Legend() {
  return (
    <ul className={css.legend} aria-label="What the bars mean">
      {RUN_STATES.map((state) => (
        <li key={state}>
          <span className={css.bar} data-state={state} />
          {wordsOf(state)}
        </li>
      ))}
      <li>
        <span className={css.coming} />
        To come
      </li>
    </ul>
  )
}

function Hours() {
  return (
    <div className={css.hours} aria-hidden="true">
      {[0, 3, 6, 9, 12, 15, 18, 21].map((hour) => (
        <span key={hour} style={{ left: `${(hour / 24) * 100}%` }}>
          {String(hour).padStart(2, '0')}:00
        </span>
      ))}
    </div>
  )
}

function NowLine({ span: { from, until } }: { readonly span: Span }) {
  const now = useNow()
  if (now < from || now >= until) return null
  return (
    <div className={css.over} aria-hidden="true">
      <span className={css.now} style={{ left: `${((now - from) / (until - from)) * 100}%` }} />
    </div>
  )
}
