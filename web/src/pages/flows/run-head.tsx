import { Button } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { FlowRun, FlowView, RunDetail } from '../../../../src/api/contract.ts'
import { useCancel, useRetry } from '../../live/use-flows.ts'
import { Failure, Notice } from '../../parts/notice.tsx'
import { ofThisBook } from '../../parts/of-this-book.ts'
import { progressText } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import css from './run-page.module.css'
import { RunState } from './run-state.tsx'
import { StartDrawer } from './start-drawer.tsx'

type RunHeadProps = { readonly view: RunDetail; readonly flow: FlowView | undefined }

/** Which run this is, how it stands, how far it has come, and what can be done with it. */
export function RunHead({ view: { run, request, failure }, flow }: RunHeadProps) {
  const [isAsked, setAsked] = useState(false)
  return (
    <div className={css.top}>
      <div className={css.head}>
        <nav aria-label="Where this is" className={css.path}>
          <Link to="/flows" search={ofThisBook}>
            Flows
          </Link>
          <span aria-hidden="true">/</span>
          <Link to="/flows" search={(search) => ({ ...ofThisBook(search), flow: run.name })}>
            {wordsOf(run.name)}
          </Link>
        </nav>
        <h2 className={css.id}>{run.id}</h2>
        <RunState run={run} />
        <span className={css.sentence}>{run.state === 'failed' ? '' : run.sentence}</span>
        <div className={css.actions}>
          {flow?.isStartable && (
            <Button size="xs" variant="default" onClick={() => setAsked(true)}>
              Run with other parameters
            </Button>
          )}
          {run.endedAt === null ? <Cancel run={run} /> : <Retry run={run} />}
        </div>
      </div>
      {run.progress !== null && <ProgressBar run={run} progress={run.progress} />}
      {failure !== null && (
        <Notice tone="loss" title="It failed">
          {failure}
        </Notice>
      )}
      {isAsked && flow !== undefined && <StartDrawer flow={flow} given={request} onClose={() => setAsked(false)} />}
    </div>
  )
}

function ProgressBar({ run, progress }: { readonly run: FlowRun; readonly progress: NonNullable<FlowRun['progress']> }) {
  const { done, total } = progress
  return (
    <div className={css.progress}>
      <progress {...(total === null ? {} : { value: total === 0 ? 1 : done / total })} max={1} aria-label={run.sentence} />
      <span>{progressText(progress)}</span>
    </div>
  )
}

function Cancel({ run }: { readonly run: FlowRun }) {
  const cancel = useCancel()
  if (cancel.error !== null) return <Failure error={cancel.error} onAgain={() => cancel.mutate(run.id)} />
  return (
    <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(run.id)}>
      Cancel {wordsOf(run.name)}
    </Button>
  )
}

/** From where a run that ended so is begun again. */
const RETRIES: Readonly<Record<FlowRun['state'], string>> = {
  queued: 'Retry',
  running: 'Retry',
  done: 'Run it again',
  failed: 'Retry where it failed',
  cancelled: 'Retry where it ended',
}

function Retry({ run }: { readonly run: FlowRun }) {
  const navigate = useNavigate()
  const retry = useRetry(run.id)
  const again = () =>
    retry.mutate(undefined, {
      onSuccess: ({ id }) => void navigate({ to: '/flows/runs/$id', params: { id }, search: ofThisBook }),
    })
  if (retry.error !== null) return <Failure error={retry.error} onAgain={again} />
  return (
    <Button size="xs" loading={retry.isPending} onClick={again}>
      {RETRIES[run.state]}
    </Button>
  )
}
