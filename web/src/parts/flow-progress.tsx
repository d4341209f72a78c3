import { Link } from '@tanstack/react-router'
import type { FlowRun } from '../../../src/api/contract.ts'
import { useCancel } from '../live/use-flows.ts'
import { progressText } from '../words/flows.ts'
import { wordsOf } from '../words/names.ts'
import css from './flow-progress.module.css'
import { ofThisBook } from './of-this-book.ts'

/** A run at work: what it does, done of total, time left at the pace so far, and cancel. */
export function FlowProgress({ run }: { readonly run: FlowRun }) {
  const cancel = useCancel()
  const { progress } = run
  const fraction = progress?.total ? progress.done / progress.total : undefined
  return (
    <div className={css.run}>
      <div className={css.head}>
        <Link to="/flows/runs/$id" params={{ id: run.id }} search={ofThisBook}>
          <strong>{wordsOf(run.name)}</strong>
        </Link>
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
        {progress !== null && <span>{progressText(progress)}</span>}
      </div>
    </div>
  )
}
