import { memo } from 'react'
import type { SignalView, TickSummary } from '../../../../src/api/contract.ts'
import { Chip, type Tone } from '../../parts/chip.tsx'
import { Unknown } from '../../parts/figure-text.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { percent, ratio } from '../../words/figures.ts'
import { inSentences, pairText, SIGNAL_NAMES } from '../../words/names.ts'
import { exactTime, minuteTime } from '../../words/times.ts'
import css from './home.module.css'

const TONES: Readonly<Record<SignalView['kind'], Tone>> = {
  'enter-long': 'accent',
  'enter-short': 'accent',
  exit: 'neutral',
  hold: 'neutral',
  'stand-aside': 'warn',
}

type SignalsProps = { readonly rows: readonly SignalView[]; readonly lastTick: TickSummary | null; readonly isStale: boolean }

/** The newest signals that change something, with the reasons in words and what risk said. */
export const SignalsPanel = memo(({ rows, lastTick, isStale }: SignalsProps) => (
  <Panel title="Signals" area="signals" isStale={isStale} aside={lastTick && tickText(lastTick)}>
    {rows.length === 0 ? (
      <Nothing>
        {lastTick === null
          ? 'Signals come every five minutes of the session.'
          : 'Every pair was told to hold so far; entries and exits will show here.'}
      </Nothing>
    ) : (
      <ul className={css.signals}>
        {rows.map((row) => (
          <SignalRow key={row.id} row={row} />
        ))}
      </ul>
    )}
  </Panel>
))

function SignalRow({ row }: { readonly row: SignalView }) {
  return (
    <li className={css.signal}>
      <div className={css.signalHead}>
        <strong>{pairText(row.pair)}</strong>
        <Chip tone={TONES[row.kind]}>{SIGNAL_NAMES[row.kind]}</Chip>
        {row.verdict === 'refused' && <Chip tone="loss">Refused</Chip>}
        <time className={css.when} title={exactTime(row.at)}>
          {minuteTime(row.at)}
        </time>
      </div>
      <dl className={css.numbers}>
        <Measure name="z">
          {row.z === null ? <Unknown reason="The z-score needs a full window of bars of both legs." /> : ratio(row.z)}
        </Measure>
        <Measure name="reversion">
          {row.probability === null ? <Unknown reason="The model gave no probability at this tick." /> : percent(row.probability)}
        </Measure>
        <Measure name="confidence">{percent(row.confidence)}</Measure>
      </dl>
      <p className={css.reason}>{inSentences(row.reasons)}</p>
      {row.refusal !== null && <p className={css.refusal}>{row.refusal}</p>}
    </li>
  )
}

function Measure({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function tickText({ at, counts }: TickSummary): string {
  const parts = Object.entries(counts).map(([kind, signals]) => `${signals} ${kind.replace('-', ' ')}`)
  return `${minuteTime(at)}: ${parts.join(', ')}`
}
