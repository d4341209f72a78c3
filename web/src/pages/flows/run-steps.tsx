import { Link, useNavigate } from '@tanstack/react-router'
import type { RunDetail, RunStep } from '../../../../src/api/contract.ts'
import { useNow } from '../../live/use-clock.ts'
import { useRetry } from '../../live/use-flows.ts'
import { Failure } from '../../parts/notice.tsx'
import { ofThisBook } from '../../parts/of-this-book.ts'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { STATE_MARKS, tookText } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import { clockTime, exactTime } from '../../words/times.ts'
import css from './run-page.module.css'

/** What was done in which order, and how long did each take? */
export function RunSteps({ view: { run, steps } }: { readonly view: RunDetail }) {
  const now = useNow()
  const navigate = useNavigate()
  const retry = useRetry(run.id)
  const from = run.startedAt
  const until = Math.max(run.endedAt ?? now, from + 1)
  const again = (place: number) =>
    retry.mutate(place, {
      onSuccess: ({ id }) => void navigate({ to: '/flows/runs/$id', params: { id }, search: ofThisBook }),
    })
  return (
    <div className={css.steps}>
      <Panel title="Steps" aside={`${clockTime(from)} to ${run.endedAt === null ? 'now' : clockTime(until)} New York`}>
        {retry.error !== null && <Failure error={retry.error} onAgain={retry.reset} />}
        {steps.length === 0 ? (
          <Nothing>Each step will stand here with its time, once the run has begun it.</Nothing>
        ) : (
          <ol className={css.gantt}>
            {steps.map((step) => (
              <Step
                key={step.place}
                step={step}
                span={{ from, until }}
                isRetryable={run.endedAt !== null && !retry.isPending}
                onRetry={() => again(step.place)}
              />
            ))}
          </ol>
        )}
      </Panel>
    </div>
  )
}

type StepProps = {
  readonly step: RunStep
  readonly span: { readonly from: number; readonly until: number }
  readonly isRetryable: boolean
  readonly onRetry: () => void
}

function Step({ step, span, isRetryable, onRetry }: StepProps) {
  const { name, state, startedAt, endedAt, failure, childId } = step
  return (
    <li className={css.step}>
      <span className={css.stepName} title={failure ?? wordsOf(name)}>
        <span className={css.mark} data-state={state} aria-hidden="true">
          {STATE_MARKS[state]}
        </span>
        {childId === null ? (
          wordsOf(name)
        ) : (
          <Link to="/flows/runs/$id" params={{ id: childId }} search={ofThisBook} title={childId}>
            {wordsOf(name)}
          </Link>
        )}
      </span>
      <span className={css.track} title={startedAt === null ? undefined : exactTime(startedAt)}>
        {startedAt !== null && <StepBar step={step} span={span} startedAt={startedAt} />}
      </span>
      <span className={css.took}>{startedAt === null || endedAt === null ? 'under way' : tookText(endedAt - startedAt)}</span>
      {isRetryable && (
        <button type="button" className={css.retry} onClick={onRetry} aria-label={`Retry from ${wordsOf(name)}`}>
          Retry
        </button>
      )}
      {failure !== null && <span className={css.why}>{failure}</span>}
    </li>
  )
}

function StepBar({ step, span, startedAt }: Pick<StepProps, 'step' | 'span'> & { readonly startedAt: number }) {
  const { from, until } = span
  const shareOf = (ms: number) => `${Math.min(100, (Math.max(0, ms) / (until - from)) * 100)}%`
  const end = step.endedAt ?? until
  return (
    <span
      className={css.stepBar}
      data-state={step.state}
      style={{ left: shareOf(startedAt - from), width: shareOf(end - startedAt) }}
    />
  )
}
