import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { AlertView, HomeView } from '../../../../src/api/contract.ts'
import { useLive } from '../../live/live-home.tsx'
import { useRehearse } from '../../live/use-flows.ts'
import { Failure, Notice } from '../../parts/notice.tsx'
import { modeText } from '../../words/names.ts'
import { exactTime, minuteTime } from '../../words/times.ts'
import { EquityPanel } from './equity-panel.tsx'
import { FigureStrip } from './figure-strip.tsx'
import { FlowsPanel } from './flows-panel.tsx'
import css from './home.module.css'
import { HomeSkeleton } from './home-skeleton.tsx'
import { MarketPanel } from './market-panel.tsx'
import { OrdersPanel } from './orders-panel.tsx'
import { PositionsPanel } from './positions-panel.tsx'
import { SignalsPanel } from './signals-panel.tsx'

/** How does the book stand, and what has just happened in it? */
export function Home() {
  const { view, connection } = useLive()
  if (view.data === undefined) {
    if (view.error === null) return <HomeSkeleton isWaiting />
    return (
      <div className={css.home}>
        <Failure error={view.error} onAgain={() => void view.refetch()} />
        <HomeSkeleton isWaiting={false} />
      </div>
    )
  }
  const { home, heardAt } = view.data
  if (home.book === null) return <FirstRun home={home} />
  return (
    <div className={css.home}>
      {view.error !== null && <Failure error={view.error} onAgain={() => void view.refetch()} />}
      <BookNotice book={home.book} />
      {home.alerts.map((alert) => (
        <AlertNotice key={alert.id} alert={alert} />
      ))}
      <FigureStrip home={home} book={home.book} heardAt={heardAt} isStale={!connection.isOpen} />
      <MarketPanel tape={home.tape} isStale={!connection.isOpen} />
      <div className={css.grid}>
        <EquityPanel points={home.equity} sessions={home.sessions} isStale={!connection.isOpen} />
        <FlowsPanel flows={home.flows} area="flows" />
        <PositionsPanel rows={home.positions} isStale={!connection.isOpen} />
        <OrdersPanel rows={home.orders} isStale={!connection.isOpen} />
        <SignalsPanel rows={home.signals} lastTick={home.lastTick} isStale={!connection.isOpen} />
      </div>
    </div>
  )
}

function AlertNotice({ alert }: { readonly alert: AlertView }) {
  return (
    <Notice
      tone="loss"
      title={alert.title}
      action={
        <time className="muted" title={exactTime(alert.at)}>
          {minuteTime(alert.at)} New York
        </time>
      }
    >
      {alert.body}
    </Notice>
  )
}

function BookNotice({ book }: { readonly book: NonNullable<HomeView['book']> }) {
  if (book.state !== 'failed' && book.state !== 'cancelled') return null
  return (
    <Notice
      tone={book.state === 'failed' ? 'loss' : 'warn'}
      title={book.state === 'failed' ? 'This run failed' : 'This run was cancelled'}
      action={
        <Button component={Link} to="/flows" size="xs" variant="default">
          See its run
        </Button>
      }
    >
      {modeText(book)} stopped before its end; what stands here is as it was then.
    </Notice>
  )
}

/** Before the first book: what will be here, and the one step that makes it so. */
function FirstRun({ home }: { readonly home: HomeView }) {
  const rehearse = useRehearse()
  const isRunning = home.flows.some((run) => run.state === 'running' || run.state === 'queued')
  return (
    <div className={css.first}>
      <h2>No trading day has been run yet</h2>
      <p className="muted">
        A rehearsal trades the last recorded session minute by minute, with the same code that trades live, and shows it here.
      </p>
      {isRunning ? <FlowsPanel flows={home.flows} /> : <RehearseButton rehearse={rehearse} />}
      {rehearse.error !== null && <Failure error={rehearse.error} onAgain={() => rehearse.mutate()} />}
    </div>
  )
}

function RehearseButton({ rehearse }: { readonly rehearse: ReturnType<typeof useRehearse> }) {
  return (
    <Button loading={rehearse.isPending} onClick={() => rehearse.mutate()}>
      Rehearse the last session
    </Button>
  )
}
