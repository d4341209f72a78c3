import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { QuarantineEntryView } from '../../../../src/api/contract.ts'
import { Chip, type Tone } from '../../parts/chip.tsx'
import { Unknown } from '../../parts/figure-text.tsx'
import { Failure } from '../../parts/notice.tsx'
import table from '../../parts/table.module.css'
import { price } from '../../words/figures.ts'
import { wordsOf } from '../../words/names.ts'
import { dateText, exactTime } from '../../words/times.ts'
import css from './quarantine.module.css'
import { useChange } from './use-change.ts'

const STATES: Readonly<Record<QuarantineEntryView['state'], { readonly tone: Tone; readonly text: string }>> = {
  held: { tone: 'warn', text: 'Waits for a decision' },
  accepted: { tone: 'gain', text: 'Accepted' },
  rejected: { tone: 'loss', text: 'Rejected' },
  withdrawn: { tone: 'neutral', text: 'Withdrawn' },
}

/** One finding: what was seen, both closes of the days around it, and the decision. */
export function QuarantineEntry({ entry }: { readonly entry: QuarantineEntryView }) {
  const { tone, text } = STATES[entry.state]
  return (
    <li className={css.entry}>
      <header className={css.head}>
        <strong>{entry.symbol}</strong>
        <span>{wordsOf(entry.rule)}</span>
        <Chip tone={tone} title={`Since ${exactTime(entry.changedAt)}`}>
          {text}
        </Chip>
        <time className="muted" title={exactTime(entry.foundAt)}>
          found {dateText(entry.foundAt)}
        </time>
      </header>
      <p className={css.sentence}>{entry.sentence}</p>
      <Closes entry={entry} />
      {entry.state !== 'withdrawn' && <Decision entry={entry} />}
    </li>
  )
}

function Closes({ entry: { symbol, feed, otherFeed, days } }: { readonly entry: QuarantineEntryView }) {
  return (
    <table className={`${table.table} ${css.closes}`} aria-label={`Closes of ${symbol}, US dollars per share`}>
      <thead>
        <tr>
          <th scope="col">Session</th>
          <th scope="col" className={table.number}>
            {feed}
          </th>
          <th scope="col" className={table.number}>
            {otherFeed}
          </th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ date, own, other, isHeld }) => (
          <tr key={date} data-held={isHeld || undefined}>
            <td>
              {date}
              {isHeld && <span className="muted"> held back</span>}
            </td>
            <td className={table.number}>{closeText(own, feed)}</td>
            <td className={table.number}>{closeText(other, otherFeed)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function closeText(close: number | null, feed: string) {
  return close === null ? <Unknown reason={`${feed} has no close of this session.`} /> : price(close)
}

function Decision({ entry: { id, symbol, feed, state } }: { readonly entry: QuarantineEntryView }) {
  const change = useChange()
  const [note, setNote] = useState('')
  const decide = (verb: 'accept' | 'reject') => change.mutate({ path: `/quarantine/${id}/${verb}`, body: { note } })
  const isMissing = note.trim() === ''
  return (
    <>
      {change.error !== null && <Failure error={change.error} onAgain={change.reset} />}
      <div className={css.decision}>
        <TextInput
          className={css.note}
          size="xs"
          aria-label={`Why, for ${symbol}`}
          placeholder="Why, for whoever reads it later"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {state !== 'accepted' && (
          <Button size="xs" variant="default" disabled={isMissing} loading={change.isPending} onClick={() => decide('accept')}>
            {`Believe ${feed}`}
          </Button>
        )}
        {state !== 'rejected' && (
          <Button size="xs" variant="default" disabled={isMissing} loading={change.isPending} onClick={() => decide('reject')}>
            Never read these bars
          </Button>
        )}
      </div>
    </>
  )
}
