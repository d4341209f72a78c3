import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { AlertRecord, AlertsView } from '../../../../src/api/contract.ts'
import { ask, tell } from '../../live/ask.ts'
import { useNow } from '../../live/use-clock.ts'
import { Chip, type Tone } from '../../parts/chip.tsx'
import { Lines } from '../../parts/lines.tsx'
import { Failure } from '../../parts/notice.tsx'
import { ofThisBook } from '../../parts/of-this-book.ts'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { count } from '../../words/figures.ts'
import { ageText } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import { exactTime } from '../../words/times.ts'
import css from './alerts.module.css'

const AGAIN_EVERY_MS = 15_000
const RECENT = 20

/** What should somebody know, and has anybody seen it? The stream tells of the critical ones at once. */
export function AlertsPanel() {
  const [isWhole, setWhole] = useState(false)
  const alerts = useQuery({
    queryKey: ['alerts'],
    queryFn: () => ask<AlertsView>(`/alerts?limit=${RECENT}`),
    refetchInterval: AGAIN_EVERY_MS,
  })
  const view = alerts.data
  return (
    <div className={css.bounded}>
      <Panel
        title="Alerts"
        isStale={alerts.isError}
        aside={
          view !== undefined && (
            <button type="button" className={css.all} aria-pressed={isWhole} onClick={() => setWhole(!isWhole)}>
              {isWhole ? 'Open ones only' : `${count(view.open.length)} open · earlier too`}
            </button>
          )
        }
      >
        {alerts.error !== null && <Failure error={alerts.error} onAgain={() => void alerts.refetch()} />}
        {view === undefined ? (
          alerts.error === null && <Lines widths={[78, 60]} />
        ) : (
          <Alerts alerts={isWhole ? [...view.open, ...view.recent] : view.open} />
        )}
      </Panel>
    </div>
  )
}

function Alerts({ alerts }: { readonly alerts: readonly AlertRecord[] }) {
  if (alerts.length === 0) return <Nothing>Nothing needs anybody. What was missed, late or failed will stand here.</Nothing>
  return (
    <ul>
      {alerts.map((alert) => (
        <Alert key={alert.id} alert={alert} />
      ))}
    </ul>
  )
}

const TONES: Readonly<Record<AlertRecord['severity'], Tone>> = { info: 'neutral', warning: 'warn', critical: 'loss' }

function Alert({ alert }: { readonly alert: AlertRecord }) {
  const now = useNow()
  const { severity, title, body, at, lastAt, times, resolvedAt, runId } = alert
  return (
    <li className={css.alert} data-over={resolvedAt !== null || alert.acknowledgedAt !== null || undefined}>
      <div className={css.title}>
        <strong>{title}</strong> <Chip tone={TONES[severity]}>{wordsOf(severity)}</Chip>
      </div>
      <p>{body}</p>
      <div className={css.below}>
        <time className="muted" title={`First ${exactTime(at)}`}>
          {ageText(lastAt, now)}
          {times > 1 && ` · ${count(times)} times`}
        </time>
        {runId !== null && (
          <Link to="/flows/runs/$id" params={{ id: runId }} search={ofThisBook} className={css.link}>
            Its run
          </Link>
        )}
        <Told alert={alert} />
        <Ending alert={alert} />
      </div>
    </li>
  )
}

/** By which ways people were told, and which of them failed. */
function Told({ alert: { deliveries } }: { readonly alert: AlertRecord }) {
  const failed = deliveries.filter(({ state }) => state === 'failed')
  const sent = deliveries.filter(({ state, what }) => state === 'sent' && what === 'raised')
  return (
    <>
      {sent.length > 0 && <span className="muted">told by {sent.map(({ channel }) => channel).join(', ')}</span>}
      {failed.map(({ channel, what, error }) => (
        <span key={`${channel} ${what}`} className={css.failed} title={error ?? 'Cause not known'}>
          {channel} failed
        </span>
      ))}
    </>
  )
}

function Ending({ alert: { id, title, resolvedAt, acknowledgedAt, acknowledgedBy } }: { readonly alert: AlertRecord }) {
  const client = useQueryClient()
  const seen = useMutation({
    mutationFn: () => tell(`/alerts/${encodeURIComponent(id)}/acknowledge`, {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ['alerts'] }),
  })
  if (resolvedAt !== null) return <span className="muted">over</span>
  if (acknowledgedAt !== null) return <span className="muted">seen by {acknowledgedBy}</span>
  if (seen.error !== null) return <Failure error={seen.error} onAgain={seen.reset} />
  return (
    <button
      type="button"
      className={css.seen}
      disabled={seen.isPending}
      onClick={() => seen.mutate()}
      aria-label={`Acknowledge ${title}`}
    >
      Acknowledge
    </button>
  )
}
