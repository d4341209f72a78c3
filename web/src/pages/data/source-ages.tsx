import type { SourceView } from '../../../../src/api/contract.ts'
import { Chip } from '../../parts/chip.tsx'
import { duration } from '../../words/figures.ts'
import { exactTime, minuteTime } from '../../words/times.ts'
import css from './quarantine.module.css'

/** When each source last answered, and until when one that does not is left alone. */
export function SourceAges({ sources, servedAt }: { readonly sources: readonly SourceView[]; readonly servedAt: number }) {
  if (sources.length === 0) return null
  return (
    <ul className={css.sources} aria-label="Sources">
      {sources.map(({ source, answeredAt, unavailableUntil, cause }) => (
        <li key={source}>
          <strong>{source}</strong>{' '}
          {answeredAt === null ? (
            <span className="muted">has never answered</span>
          ) : (
            <time className="muted" title={exactTime(answeredAt)}>
              answered {duration(servedAt - answeredAt)} ago
            </time>
          )}{' '}
          {unavailableUntil !== null && (
            <Chip tone="warn" title={cause ?? 'Cause not known'}>
              not asked before {minuteTime(unavailableUntil)} New York
            </Chip>
          )}
        </li>
      ))}
    </ul>
  )
}
