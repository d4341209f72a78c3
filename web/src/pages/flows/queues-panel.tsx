import { useQuery } from '@tanstack/react-query'
import type { QueueView, WorkerView } from '../../../../src/api/contract.ts'
import { ask } from '../../live/ask.ts'
import { useNow } from '../../live/use-clock.ts'
import { Chip, type Tone } from '../../parts/chip.tsx'
import { Lines } from '../../parts/lines.tsx'
import { Failure } from '../../parts/notice.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { count, duration } from '../../words/figures.ts'
import { ageText, limitText } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import { exactTime } from '../../words/times.ts'
import css from './flows.module.css'

const AGAIN_EVERY_MS = 10_000

type Hands = { readonly workers: readonly WorkerView[]; readonly queues: readonly QueueView[] }

async function readHands(): Promise<Hands> {
  const [workers, queues] = await Promise.all([ask<WorkerView[]>('/workers'), ask<QueueView[]>('/queues')])
  return { workers, queues }
}

/** Who carries out runs, and does anything wait? A worker that is lost tells nobody, so they are asked again. */
export function QueuesPanel() {
  const hands = useQuery({ queryKey: ['flows', 'hands'], queryFn: readHands, refetchInterval: AGAIN_EVERY_MS })
  return (
    <Panel title="Workers and queues" isStale={hands.isError}>
      {hands.error !== null && <Failure error={hands.error} onAgain={() => void hands.refetch()} />}
      {hands.data === undefined ? (
        hands.error === null && <Lines widths={[72, 88, 64]} />
      ) : (
        <>
          <Workers workers={hands.data.workers} />
          <Queues queues={hands.data.queues} />
        </>
      )}
    </Panel>
  )
}

const TONES: Readonly<Record<WorkerView['state'], Tone>> = { live: 'gain', draining: 'warn', gone: 'loss' }
const STATES: Readonly<Record<WorkerView['state'], string>> = { live: 'At work', draining: 'Finishing', gone: 'Gone' }

function Workers({ workers }: Pick<Hands, 'workers'>) {
  const now = useNow()
  if (workers.length === 0)
    return (
      <Nothing>
        No worker is at work, so nothing runs. Start one: ./spreadworks worker, on any machine with this database.
      </Nothing>
    )
  return (
    <ul className={css.workers} aria-label="Workers">
      {workers.map(({ name, host, pid, state, running, startedAt, version, queues }) => (
        <li key={name}>
          <span>
            <strong>{wordsOf(name)}</strong>{' '}
            <span className="muted" title={`${version}; queues ${queues.join(', ')}`}>
              {host}
              {pid === null ? '' : ` · ${pid}`}
            </span>
          </span>
          <span className={css.figures}>
            <span className="muted">
              {count(running)} running ·{' '}
              <time title={`Since ${exactTime(startedAt)}`}>{ageText(startedAt, now).replace(' ago', '')}</time>
            </span>{' '}
            <Chip tone={TONES[state]}>{STATES[state]}</Chip>
          </span>
        </li>
      ))}
    </ul>
  )
}

function Queues({ queues }: Pick<Hands, 'queues'>) {
  const now = useNow()
  return (
    <table className={css.queues} aria-label="Queues">
      <thead>
        <tr>
          <th scope="col">Queue</th>
          <th scope="col">Running</th>
          <th scope="col">Waiting</th>
          <th scope="col">Longest</th>
        </tr>
      </thead>
      <tbody>
        {queues.map((queue) => (
          <tr key={queue.name}>
            <th scope="row" title={limitText(queue)}>
              {wordsOf(queue.name)}
            </th>
            <td>
              {count(queue.running)}
              {queue.atOnce !== null && <span className="muted"> of {count(queue.atOnce)}</span>}
            </td>
            <td>{count(queue.waiting)}</td>
            <td>{queue.oldestWaitingSince === null ? '' : duration(now - queue.oldestWaitingSince)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
