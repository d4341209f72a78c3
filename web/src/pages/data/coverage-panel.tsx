import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { CoverageSession, CoverageView } from '../../../../src/api/contract.ts'
import { ask } from '../../live/ask.ts'
import { Unknown } from '../../parts/figure-text.tsx'
import { Lines } from '../../parts/lines.tsx'
import { Failure } from '../../parts/notice.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { cellText, type MinuteState, STATE_MEANINGS, STATE_NAMES, sharesOf } from '../../words/coverage.ts'
import { count } from '../../words/figures.ts'
import css from './data.module.css'
import { MinutesPanel } from './minutes-panel.tsx'

const ROWS_AT_FIRST = 50
const MOST_ROWS = 500
const LEGEND: readonly MinuteState[] = ['present', 'repaired', 'no-trade', 'missing', 'not-judged']
/** A bar that comes in tells nobody, so that the picture is read again now and then. */
const READ_AGAIN_MS = 60_000

/** So many sessions fit beside the symbols. */
function sessionsThatFit(): number {
  return window.innerWidth < 640 ? 4 : window.innerWidth < 1280 ? 8 : 15
}

/** How whole are the stored minutes? One row a symbol, one cell a session; choosing a cell shows its minutes. */
export function CoveragePanel() {
  const [feed, setFeed] = useState<string>()
  const [limit, setLimit] = useState(ROWS_AT_FIRST)
  const [chosen, choose] = useState<Chosen>()
  const [sessions] = useState(sessionsThatFit)
  const query = new URLSearchParams({ sessions: String(sessions), limit: String(limit), ...(feed === undefined ? {} : { feed }) })
  const coverage = useQuery({
    queryKey: ['data', 'coverage', query.toString()],
    queryFn: () => ask<CoverageView>(`/market/coverage?${query}`),
    placeholderData: (before) => before,
    refetchInterval: READ_AGAIN_MS,
  })
  const view = coverage.data
  return (
    <>
      <Panel title="Minute bars" aside={view === undefined ? undefined : sumText(view)}>
        {coverage.error !== null && <Failure error={coverage.error} onAgain={() => void coverage.refetch()} />}
        {view === undefined ? (
          coverage.error === null && <Lines widths={[92, 84, 96, 71, 88]} />
        ) : (
          <Picture view={view} onFeed={setFeed} onChoose={choose} />
        )}
        {view !== undefined && view.rows.length < view.symbols && limit < MOST_ROWS && (
          <button type="button" className={css.more} onClick={() => setLimit(MOST_ROWS)}>
            Show {count(Math.min(view.symbols, MOST_ROWS) - view.rows.length)} more symbols
          </button>
        )}
      </Panel>
      {view?.feed != null && chosen !== undefined && (
        <MinutesPanel feed={view.feed} days={view.sessions.map(({ day }) => day)} {...chosen} onChoose={choose} />
      )}
    </>
  )
}

/** A symbol's session. */
export type Chosen = { readonly symbol: string; readonly day: string }

function sumText({ symbols, rows }: CoverageView): string {
  const missing = rows.reduce((sum, row) => sum + row.missing, 0)
  return missing === 0 ? `${count(symbols)} symbols` : `${count(symbols)} symbols · ${count(missing)} missing`
}

type PictureProps = {
  readonly view: CoverageView
  readonly onFeed: (feed: string) => void
  readonly onChoose: (chosen: Chosen) => void
}

function Picture({ view, onFeed, onChoose }: PictureProps) {
  if (view.rows.length === 0)
    return (
      <Nothing>
        Every symbol’s minutes will be shown here, session by session. No minute bars are stored yet: import some (spreadworks
        import FILE).
      </Nothing>
    )
  return (
    <>
      <div className={css.tools}>
        <label className={css.choice}>
          Feed
          <select value={view.feed ?? ''} onChange={({ target }) => onFeed(target.value)}>
            {view.feeds.map((feed) => (
              <option key={feed}>{feed}</option>
            ))}
          </select>
        </label>
        <ul className={css.legend} aria-label="What the colours mean">
          {LEGEND.map((state) => (
            <li key={state} title={STATE_MEANINGS[state]}>
              <span className={css.swatch} data-state={state} aria-hidden="true" /> {STATE_NAMES[state]}
            </li>
          ))}
        </ul>
        <span className="muted">A cell shows the shares of a session’s minutes; choose one for the minutes themselves.</span>
      </div>
      <Strips view={view} onChoose={onChoose} />
    </>
  )
}

function Strips({ view: { sessions, rows }, onChoose }: Omit<PictureProps, 'onFeed'>) {
  const newest = sessions.at(-1)?.day ?? ''
  return (
    <table className={css.strips} aria-label="Coverage by symbol and session">
      <thead>
        <tr>
          <th scope="col">Symbol</th>
          {sessions.map((session) => (
            <th key={session.day} scope="col" title={sessionTitle(session)}>
              {session.day.slice(5)}
              {session.isHalfDay && <span aria-hidden="true"> ½</span>}
            </th>
          ))}
          <th scope="col" className={css.figure}>
            Missing
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ symbol, missing, cells }) => (
          <tr key={symbol}>
            <th scope="row">
              <button type="button" className={css.symbol} onClick={() => onChoose({ symbol, day: newest })}>
                {symbol}
              </button>
            </th>
            {sessions.map(({ day, minutes }, i) => (
              <td key={day}>
                {/* The keyboard comes to the session through the symbol's button: a tab stop for each cell would be a thousand. */}
                <button
                  type="button"
                  tabIndex={-1}
                  className={css.cell}
                  title={`${symbol}, ${day}: ${cellText(cells[i], minutes)}`}
                  aria-label={`${symbol}, ${day}: ${cellText(cells[i], minutes)}`}
                  onClick={() => onChoose({ symbol, day })}
                >
                  {cells[i] !== null &&
                    sharesOf(cells[i], minutes).map((share) => (
                      <span key={share.state} data-state={share.state} style={{ flexGrow: share.minutes }} />
                    ))}
                </button>
              </td>
            ))}
            <td className={css.figure}>
              <Missing minutes={missing} isJudged={cells.some((cell) => cell !== null && cell.due > 0)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function sessionTitle({ day, isHalfDay, isProjected }: CoverageSession): string {
  return [day, ...(isHalfDay ? ['half day, until 13:00'] : []), ...(isProjected ? ['projected'] : [])].join(' · ')
}

/** Nobody knows what should have come where no ledger was kept, as for imports. */
function Missing({ minutes, isJudged }: { readonly minutes: number; readonly isJudged: boolean }) {
  if (!isJudged) return <Unknown reason="No ledger was kept of these sessions." />
  return minutes === 0 ? <span className="muted">0</span> : count(minutes)
}
