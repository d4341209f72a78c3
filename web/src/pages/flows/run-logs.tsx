import { type UIEvent, useEffect, useRef, useState } from 'react'
import type { LogLine } from '../../../../src/api/contract.ts'
import { Lines } from '../../parts/lines.tsx'
import { count } from '../../words/figures.ts'
import { wordsOf } from '../../words/names.ts'
import { clockTime, exactTime } from '../../words/times.ts'
import css from './run-logs.module.css'
import { type RunLog, useRunLog } from './use-run-log.ts'

const AT_END_WITHIN_PX = 24

const LEVELS: readonly (readonly [LogLine['level'], string])[] = [
  ['info', 'Everything'],
  ['warn', 'Warnings and errors'],
  ['error', 'Errors'],
]

const NAMES: Readonly<Record<LogLine['level'], string>> = { info: '', warn: 'Warning', error: 'Error' }

const SAYS: Readonly<Record<RunLog['state'], string>> = {
  waiting: 'Reading',
  following: 'Following',
  lost: 'The connection is away; lines come once it is back',
  ended: 'Complete',
}

/** What did the run write down? It follows as lines are written, and rests while somebody reads further up. */
export function RunLogs({ runId }: { readonly runId: string }) {
  const [level, setLevel] = useState<LogLine['level']>('info')
  const log = useRunLog(runId, level)
  return (
    <section className={css.panel} aria-label="Log">
      <header className={css.head}>
        <h2>Log</h2>
        <span className={css.state} data-state={log.state} role="status">
          {SAYS[log.state]}
        </span>
        <label className={css.level}>
          <span className="muted">Show</span>
          <select value={level} onChange={({ target }) => setLevel(LEVELS.find(([one]) => one === target.value)?.[0] ?? 'info')}>
            {LEVELS.map(([one, words]) => (
              <option key={one} value={one}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </header>
      {log.state === 'waiting' ? <Lines widths={[64, 81, 73]} /> : <Followed log={log} />}
    </section>
  )
}

function Followed({ log: { lines, state } }: { readonly log: RunLog }) {
  const place = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState<number | undefined>(undefined)
  const newest = lines.at(-1)?.id
  useEffect(() => {
    if (seen === undefined && newest !== undefined && place.current !== null) place.current.scrollTop = place.current.scrollHeight
  }, [newest, seen])
  const onScroll = ({ currentTarget: { scrollTop, clientHeight, scrollHeight } }: UIEvent<HTMLDivElement>) => {
    const isAtEnd = scrollHeight - scrollTop - clientHeight < AT_END_WITHIN_PX
    setSeen((before) => (isAtEnd ? undefined : (before ?? newest)))
  }
  if (lines.length === 0)
    return (
      <p className={css.none}>
        {state === 'ended' ? 'The run wrote nothing down.' : 'Lines will stand here as the run writes them.'}
      </p>
    )
  const unseen = seen === undefined ? 0 : lines.filter(({ id }) => id > seen).length
  return (
    <div className={css.around}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard */}
      <div className={css.body} ref={place} onScroll={onScroll} tabIndex={0} role="log" aria-label="Lines" aria-live="off">
        {lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </div>
      {seen !== undefined && (
        <button type="button" className={css.follow} onClick={() => setSeen(undefined)}>
          {unseen === 0 ? 'To the end' : `${count(unseen)} more below`}
        </button>
      )}
    </div>
  )
}

function figureText(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? count(value) : String(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function Line({ line: { at, level, step, message, fields } }: { readonly line: LogLine }) {
  return (
    <div className={css.line} data-level={level}>
      <time title={exactTime(at)}>{clockTime(at)}</time>
      <span className={css.name}>{NAMES[level]}</span>
      <span className={css.step}>{step === null ? '' : wordsOf(step)}</span>
      <span className={css.message}>
        {message}
        {Object.entries(fields).map(([name, value]) => (
          <span key={name} className={css.field}>
            {name} {figureText(value)}
          </span>
        ))}
      </span>
    </div>
  )
}
