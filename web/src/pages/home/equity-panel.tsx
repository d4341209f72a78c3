import { lazy, memo, Suspense } from 'react'
import type { EquityPoint, SessionView } from '../../../../src/api/contract.ts'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { minuteTime } from '../../words/times.ts'
import { ChartSkeleton } from './home-skeleton.tsx'

const EquityChart = lazy(() => import('../../charts/equity-chart.tsx'))

type EquityProps = {
  readonly points: readonly EquityPoint[]
  readonly sessions: readonly SessionView[]
  readonly isStale: boolean
}

/** The equity curve of the book, with room left for the rest of its session. */
export const EquityPanel = memo(({ points, sessions, isStale }: EquityProps) => {
  const last = points.at(-1)
  const closesAt = last && sessions.find((session) => session.opensAt <= last.at && last.at <= session.closesAt)?.closesAt
  return (
    <Panel title="Equity" area="equity" isStale={isStale} aside={last && `marked ${minuteTime(last.at)} New York`}>
      {points.length === 0 ? (
        <Nothing>The curve begins with the first minute of the session.</Nothing>
      ) : (
        <Suspense fallback={<ChartSkeleton />}>
          <EquityChart points={points} closesAt={closesAt} />
        </Suspense>
      )}
    </Panel>
  )
})
