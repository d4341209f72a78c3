import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { FlowRun } from '../../../../src/api/contract.ts'
import { useNow } from '../../live/use-clock.ts'
import { ofThisBook } from '../../parts/of-this-book.ts'
import { tookText } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import { clockTime, minuteTime } from '../../words/times.ts'
import css from './flows.module.css'

/** What is drawn from the left edge to the right one, epoch ms. */
export type Span = { readonly from: number; readonly until: number }

type LaneProps = {
  readonly name: string
  readonly runs: readonly FlowRun[]
  /** Occurrences that are to come. */
  readonly coming: readonly number[]
  readonly span: Span
}

/** One flow's day: a bar for each run, shaped and coloured by its state, and a ring for each occurrence to come. */
export const TimelineLane = memo(({ name, runs, coming, span }: LaneProps) => (
  <div className={css.lane}>
    <span className={css.laneName}>{wordsOf(name)}</span>
    <div className={css.track}>
      {runs.map((run) =>
        run.endedAt === null ? (
          <GrowingBar key={run.id} run={run} span={span} />
        ) : (
          <Bar key={run.id} run={run} span={span} endsAt={run.endedAt} />
        ),
      )}
      {coming.map((at) => (
        <span
          key={at}
          className={css.coming}
          style={{ left: shareOf(at, span) }}
          title={`${wordsOf(name)} is to run at ${minuteTime(at)}`}
        />
      ))}
    </div>
  </div>
))

function GrowingBar({ run, span }: { readonly run: FlowRun; readonly span: Span }) {
  return <Bar run={run} span={span} endsAt={useNow()} />
}

/** The keyboard comes to a run by the table below, which has the same ones. */
function Bar({ run, span, endsAt }: { readonly run: FlowRun; readonly span: Span; readonly endsAt: number }) {
  return (
    <Link
      to="/flows/runs/$id"
      params={{ id: run.id }}
      search={ofThisBook}
      tabIndex={-1}
      className={css.bar}
      data-state={run.state}
      style={{ left: shareOf(run.startedAt, span), width: widthOf(Math.min(endsAt, span.until) - run.startedAt, span) }}
      title={sentenceOf(run)}
      aria-label={sentenceOf(run)}
    />
  )
}

function sentenceOf({ name, state, startedAt, endedAt, sentence }: FlowRun): string {
  const took = endedAt === null ? '' : `, took ${tookText(endedAt - startedAt)}`
  return `${wordsOf(name)}: ${state} from ${clockTime(startedAt)}${took}. ${sentence}`
}

function shareOf(at: number, { from, until }: Span): string {
  return `${(Math.max(0, at - from) / (until - from)) * 100}%`
}

function widthOf(ms: number, { from, until }: Span): string {
  return `${(Math.max(0, ms) / (until - from)) * 100}%`
}
