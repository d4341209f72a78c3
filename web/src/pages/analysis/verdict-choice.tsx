import type { PairVerdict, ScreenView } from '../../../../src/api/contract.ts'
import { count } from '../../words/figures.ts'
import { VERDICT_NAMES, VERDICTS } from '../../words/screen.ts'
import css from './tables.module.css'

type VerdictChoiceProps = {
  readonly screen: ScreenView
  readonly verdict: PairVerdict | undefined
  readonly onVerdict: (verdict: PairVerdict | undefined) => void
}

/** Which pairs are listed: all, or those with one of the verdicts that there are. */
export function VerdictChoice({ screen, verdict, onVerdict }: VerdictChoiceProps) {
  const given = VERDICTS.filter((one) => (screen.verdicts[one] ?? 0) > 0 || one === verdict)
  return (
    <fieldset className={css.choices} aria-label="Show pairs with the verdict">
      {[undefined, ...given].map((one) => (
        <button
          key={one ?? 'all'}
          type="button"
          className={css.choice}
          aria-pressed={one === verdict}
          onClick={() => onVerdict(one)}
        >
          {one === undefined ? `All ${count(screen.tested)}` : `${VERDICT_NAMES[one]} ${count(screen.verdicts[one] ?? 0)}`}
        </button>
      ))}
    </fieldset>
  )
}
