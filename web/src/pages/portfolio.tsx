import { useQuery } from '@tanstack/react-query'
import type { Figures, OrderView, PortfolioView, PositionView } from '../../../src/api/contract.ts'
import { ask, ofBook } from '../live/ask.ts'
import { useLive } from '../live/live-home.tsx'
import { Chip } from '../parts/chip.tsx'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { FigureText, FractionChange, MoneyChange, Unknown } from '../parts/figure-text.tsx'
import { OrderTable } from '../parts/order-table.tsx'
import { PageQuery } from '../parts/page-query.tsx'
import { Nothing, Panel } from '../parts/panel.tsx'
import { count, money, percent, ratio, signedShares } from '../words/figures.ts'
import { POSITION_STATES, pairText } from '../words/names.ts'
import { clockTime, exactTime } from '../words/times.ts'
import css from './pages.module.css'

const COLUMNS: readonly Column<PositionView>[] = [
  { title: 'Pair', by: (row) => row.pair, show: (row) => <strong>{pairText(row.pair)}</strong> },
  {
    title: 'State',
    by: (row) => row.state,
    show: (row) => <Chip tone={row.state === 'open' ? 'accent' : 'neutral'}>{POSITION_STATES[row.state]}</Chip>,
  },
  { title: 'Direction', by: (row) => row.direction, show: (row) => (row.direction === 'long' ? 'Long' : 'Short') },
  { title: 'y shares', isNumber: true, by: (row) => row.yShares, show: (row) => signedShares(row.yShares) },
  { title: 'x shares', isNumber: true, by: (row) => row.xShares, show: (row) => signedShares(row.xShares) },
  {
    title: 'Entry z',
    isNumber: true,
    by: (row) => row.entryZ,
    show: (row) =>
      row.entryZ === null ? <Unknown reason="The signal that opened this pair had no z-score." /> : ratio(row.entryZ),
  },
  {
    title: 'Unrealised, $',
    isNumber: true,
    by: (row) => (row.unrealisedUsd.kind === 'known' ? Number(row.unrealisedUsd.value) : null),
    show: (row) => <FigureText figure={row.unrealisedUsd} show={(usd) => <MoneyChange usd={usd} />} />,
  },
  {
    title: 'Realised, $',
    isNumber: true,
    by: (row) => Number(row.realisedUsd),
    show: (row) => <MoneyChange usd={row.realisedUsd} />,
  },
  {
    title: 'Opened',
    isNumber: true,
    by: (row) => row.openedAt,
    show: (row) => <span title={exactTime(row.openedAt)}>{clockTime(row.openedAt)}</span>,
  },
  {
    title: 'Closed',
    isNumber: true,
    by: (row) => row.closedAt,
    show: (row) =>
      row.closedAt === null ? (
        <Unknown reason="The pair is still held." />
      ) : (
        <span title={exactTime(row.closedAt)}>{clockTime(row.closedAt)}</span>
      ),
  },
]

/** What does the book own, and what did it own? */
export default function Portfolio() {
  const { asked } = useLive()
  const portfolio = useQuery({
    queryKey: ['portfolio', asked ?? null],
    queryFn: () => ask<PortfolioView>(`/portfolio${ofBook(asked)}`),
  })
  const orders = useQuery({
    queryKey: ['portfolio', asked ?? null, 'orders'],
    queryFn: () => ask<OrderView[]>(`/orders${ofBook(asked)}`),
  })
  return (
    <PageQuery
      query={portfolio}
      show={({ figures, positions }) => (
        <>
          {figures !== null && <Account figures={figures} />}
          <Panel title="Positions" aside={`${count(positions.length)} in this book · New York time`}>
            {positions.length === 0 ? (
              <Nothing>No pair has been held in this book yet.</Nothing>
            ) : (
              <DataTable label="Positions" columns={COLUMNS} rows={positions} idOf={(row) => row.id} />
            )}
          </Panel>
          <Panel title="Orders" aside="New York time">
            {orders.data === undefined || orders.data.length === 0 ? (
              <Nothing>No order has been written in this book yet.</Nothing>
            ) : (
              <OrderTable rows={orders.data} />
            )}
          </Panel>
        </>
      )}
    />
  )
}

function Account({ figures }: { readonly figures: Figures }) {
  return (
    <dl className={css.facts}>
      <Fact name="Equity">
        <FigureText figure={figures.equityUsd} show={money} />
      </Fact>
      <Fact name="Day P&L">
        <FigureText figure={figures.dayProfitUsd} show={(usd) => <MoneyChange usd={usd} />} />
      </Fact>
      <Fact name="Day return">
        <FigureText figure={figures.dayReturn} show={(fraction) => <FractionChange fraction={fraction} />} />
      </Fact>
      <Fact name="Gross exposure">
        <FigureText figure={figures.grossExposureUsd} show={money} />
      </Fact>
      <Fact name="Win rate">
        <FigureText figure={figures.winRate} show={percent} />
      </Fact>
    </dl>
  )
}

export function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
