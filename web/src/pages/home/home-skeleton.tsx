import { Skeleton } from '@mantine/core'
import { Lines } from '../../parts/lines.tsx'
import { Panel } from '../../parts/panel.tsx'
import css from './home.module.css'
import market from './market.module.css'

const TILES = ['Market', 'Equity', 'Day P&L', 'Open pairs', 'Gross exposure', 'Win rate']

const MARKET_CELLS = 12

/** Home in its final shape before anything is known. */
export function HomeSkeleton({ isWaiting }: { readonly isWaiting: boolean }) {
  return (
    <div className={css.home} aria-busy={isWaiting}>
      <div className={css.strip}>
        {TILES.map((name) => (
          <div key={name} className={css.tile}>
            <span className={css.tileName}>{name}</span>
            <Skeleton className={css.tileSkeleton} height={22} width="62%" mt={5} />
            <Skeleton height={10} width="44%" mt={9} />
          </div>
        ))}
      </div>
      <div className={market.market}>
        <Panel title="Market">
          <div className={market.symbols}>
            {Array.from({ length: MARKET_CELLS }, (_, i) => `cell-${i}`).map((key) => (
              <div key={key} className={market.symbol}>
                <Skeleton height={12} width={42} />
                <Skeleton height={12} />
                <Skeleton height={12} width={48} />
              </div>
            ))}
          </div>
        </Panel>
      </div>
      <div className={css.grid}>
        <Panel title="Equity" area="equity">
          <ChartSkeleton />
        </Panel>
        <Panel title="Flows" area="flows">
          <Lines widths={[92, 75]} />
        </Panel>
        <Panel title="Positions" area="positions">
          <Lines widths={[92, 75, 58, 81, 64]} />
        </Panel>
        <Panel title="Orders and fills" area="orders">
          <Lines widths={[92, 75, 58, 81, 64, 87, 70, 53]} />
        </Panel>
        <Panel title="Signals" area="signals">
          <Lines widths={[92, 75, 58, 81, 64, 87, 70, 53, 76, 59, 82, 65]} />
        </Panel>
      </div>
    </div>
  )
}

export function ChartSkeleton() {
  return <Skeleton className={css.chartSkeleton} height="calc(100% - 24px)" />
}
