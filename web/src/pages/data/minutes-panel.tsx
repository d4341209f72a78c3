import { useQuery } from '@tanstack/react-query'
import type { MinuteRun, SymbolMinutesView } from '../../../../src/api/contract.ts'
import { ask } from '../../live/ask.ts'
import { Lines } from '../../parts/lines.tsx'
import { Failure } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { STATE_NAMES } from '../../words/coverage.ts'
import { count } from '../../words/figures.ts'
import { minuteTime } from '../../words/times.ts'
import type { Chosen } from './coverage-panel.tsx'
import css from './data.module.css'

type MinutesProps = Chosen & {
  readonly feed: string
  readonly days: readonly string[]
  readonly onChoose: (chosen: Chosen | undefined) => void
}

/** What became of every minute of one symbol's session? */
export function MinutesPanel({ feed, symbol, day, days, onChoose }: MinutesProps) {
  const minutes = useQuery({
    queryKey: ['data', 'minutes', feed, symbol, day],
    queryFn: () =>
      ask<SymbolMinutesView>(`/market/coverage/${encodeURIComponent(symbol)}/${day}?feed=${encodeURIComponent(feed)}`),
  })
  return (
    <Panel
      title={`Minutes of ${symbol}`}
      aside={
        <button type="button" className={css.close} onClick={() => onChoose(undefined)}>
          Close
        </button>
      }
    >
      <div className={css.tools}>
        <label className={css.choice}>
          Session
          <select value={day} onChange={({ target }) => onChoose({ symbol, day: target.value })}>
            {days.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      </div>
      {minutes.error !== null && <Failure error={minutes.error} onAgain={() => void minutes.refetch()} />}
      {minutes.data === undefined ? minutes.error === null && <Lines widths={[100, 34]} /> : <Minutes view={minutes.data} />}
    </Panel>
  )
}

function Minutes({ view: { symbol, session, runs } }: { readonly view: SymbolMinutesView }) {
  const holes = runs.filter(({ state }) => state === 'missing' || state === 'repaired')
  return (
    <div className={css.minutes}>
      <div className={css.day} role="img" aria-label={`${symbol} on ${session.day}: ${sumText(runs)}`}>
        {runs.map((run) => (
          <span key={run.from} data-state={run.state} style={{ flexGrow: run.until - run.from }} title={runText(run)} />
        ))}
      </div>
      <div className={css.hours} aria-hidden="true">
        <span>{minuteTime(session.opensAt)}</span>
        <span>{minuteTime((session.opensAt + session.closesAt) / 2)}</span>
        <span>{minuteTime(session.closesAt)} New York</span>
      </div>
      <p>{sumText(runs)}</p>
      {holes.length > 0 && (
        <ul className={css.holes}>
          {holes.map((run) => (
            <li key={run.from}>
              {runText(run)}: {run.cause ?? 'the cause is not known'}.
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function runText({ from, until, state }: MinuteRun): string {
  return `${STATE_NAMES[state]} ${minuteTime(from)}–${minuteTime(until)}`
}

/** `389 present, 1 missing`: minutes by state. */
function sumText(runs: readonly MinuteRun[]): string {
  const sums = new Map<MinuteRun['state'], number>()
  for (const { state, from, until } of runs) sums.set(state, (sums.get(state) ?? 0) + (until - from) / 60_000)
  return [...sums].map(([state, minutes]) => `${count(minutes)} ${STATE_NAMES[state].toLowerCase()}`).join(', ')
}
