import type { SymbolEventView } from '../../../../src/api/contract.ts'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { wordsOf } from '../../words/names.ts'
import { dateText, exactTime } from '../../words/times.ts'
import css from './data.module.css'

/** What happened to symbols, and by what is it known? */
export function HistoryPanel({ events }: { readonly events: readonly SymbolEventView[] }) {
  return (
    <Panel title="Symbol history" aside="newest first">
      {events.length === 0 ? (
        <Nothing>What maintenance finds and people change will be told here, each with its evidence.</Nothing>
      ) : (
        <ol className={css.events}>
          {events.map(({ symbol, at, what, evidence, by }) => (
            <li key={`${symbol} ${at} ${what}`}>
              <span>
                <strong>{symbol}</strong> {wordsOf(what).toLowerCase()}
              </span>
              <time className="muted" title={exactTime(at)}>
                {dateText(at)}
              </time>
              <span className={css.evidence}>
                {evidence} <span className="muted">({by})</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}
