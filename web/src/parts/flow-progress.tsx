import type { FlowRun } from '../../../src/api/contract.ts'
import { useNow } from '../live/use-clock.ts'
import { useCancel } from '../live/use-flows.ts'
import { count, duration } from '../words/figures.ts'
import { wordsOf } from '../words/names.ts'
import css from './flow-progress.module.css'

/** A run at work: what it does, done of total, time left at the pace so far, and cancel. */
export function FlowProgress({ run }: { readonly run: FlowRun }) {
  const cancel = useCancel()
  const now = useNow()
  const { progress } = run
  const fraction = progress?.total ? progress.done / progress.total : undefined
  return (
    <div className={css.run}>
      <div className={css.head}>
        <strong>{wordsOf(run.name)}</strong>
        <button
          type="button"
          className={css.cancel}
          disabled={cancel.isPending}
          onClick={() => cancel.mutate(run.id)}
          aria-label={`Cancel ${wordsOf(run.name)}`}
        >
          {cancel.isPending ? 'Cancelling' : 'Cancel'}
        </button>
      </div>
      <progress className={css.bar} value={fraction ?? 0} max={1} aria-label={`${wordsOf(run.name)}: ${run.sentence}`} />
      <div className={css.below}>
        <span>{run.sentence}</span>
        {progress !== null && (
          <span>
            {count(progress.done)}
            {progress.total === null ? '' : ` of ${count(progress.total)}`} {progress.unit}
            {fraction !== undefined &&
              fraction > 0.02 &&
              fraction < 1 &&
              ` · ${duration(((now - run.startedAt) / fraction) * (1 - fraction))} left`}
          </span>
        )}
      </div>
    </div>
  )
}
