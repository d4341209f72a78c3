import type { FunnelStep, ScreenView } from '../../../../src/api/contract.ts'
import { count } from '../../words/figures.ts'
import { gateText, STOPPED_AFTER, VERDICT_NAMES } from '../../words/screen.ts'
import css from './funnel.module.css'

/** How many symbols, then pairs, passed each gate, and what stopped the others. */
export function Funnel({ screen }: { readonly screen: ScreenView }) {
  const { funnel } = screen
  return (
    <ol className={css.funnel} aria-label="Passed at each gate">
      {funnel.map((step, i) => (
        <li key={step.gate} className={css.step} data-first={(i > 0 && funnel[i - 1]?.of !== step.of) || undefined}>
          <span>{gateText(step.gate, screen.rules)}</span>
          <div className={css.track} aria-hidden="true">
            <div
              className={css.bar}
              data-of={step.of}
              data-last={(i === funnel.length - 1 && step.passed > 0) || undefined}
              style={{ width: `${100 * lengthOf(step, funnel)}%` }}
            />
          </div>
          <strong className={css.passed}>{count(step.passed)}</strong>
          <span className={css.stopped}>{stoppedText(step, funnel[i + 1], screen)}</span>
        </li>
      ))}
    </ol>
  )
}

/** In [0, 1], logarithmic, so that one pair of a hundred thousand is still to be seen. */
function lengthOf({ of, passed }: FunnelStep, funnel: readonly FunnelStep[]): number {
  const most = Math.max(1, ...funnel.filter((step) => step.of === of).map((step) => step.passed))
  return Math.log1p(passed) / Math.log1p(most)
}

function stoppedText({ gate, of, passed }: FunnelStep, next: FunnelStep | undefined, { verdicts }: ScreenView): string {
  if (next === undefined || next.of !== of) return ''
  const stopped = passed - next.passed
  if (stopped === 0) return ''
  const named = (STOPPED_AFTER[gate] ?? []).filter((verdict) => (verdicts[verdict] ?? 0) > 0)
  return `−${count(stopped)} ${named.map((verdict) => VERDICT_NAMES[verdict].toLowerCase()).join(' or ')}`
}
