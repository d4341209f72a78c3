import { Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'
import type { BookView, HomeView } from '../../../../src/api/contract.ts'
import { useBookTime } from '../../live/use-clock.ts'
import { FigureText, FractionChange, MoneyChange, Ticking, Unknown } from '../../parts/figure-text.tsx'
import { count, money, percent } from '../../words/figures.ts'
import { marketStateAt } from '../../words/market.ts'
import { clockTime, dayText } from '../../words/times.ts'
import css from './home.module.css'

type StripProps = { readonly home: HomeView; readonly book: BookView; readonly heardAt: number; readonly isStale: boolean }

/** The clock and the figures that one looks at first. */
export function FigureStrip({ home, book, heardAt, isStale }: StripProps) {
  const { figures } = home
  return (
    <div className={css.strip} data-stale={isStale || undefined}>
      <MarketTile home={home} book={book} heardAt={heardAt} />
      {figures !== null && (
        <>
          <Tile
            name="Equity"
            below={<FigureText figure={figures.dayReturn} show={(value) => <>{<FractionChange fraction={value} />} today</>} />}
          >
            <FigureText figure={figures.equityUsd} show={(value) => <Ticking text={value}>{money(value)}</Ticking>} />
          </Tile>
          <Tile name="Day P&L" below="since the day began">
            <FigureText
              figure={figures.dayProfitUsd}
              show={(value) => <Ticking text={value}>{<MoneyChange usd={value} />}</Ticking>}
            />
          </Tile>
          <Tile name="Open pairs" below={`${count(figures.closedPairs)} closed`}>
            <FigureText figure={figures.openPairs} show={(value) => <Ticking text={String(value)}>{count(value)}</Ticking>} />
          </Tile>
          <Tile
            name="Gross exposure"
            below={<FigureText figure={figures.grossExposure} show={(value) => `${percent(value)} of equity`} />}
          >
            <FigureText figure={figures.grossExposureUsd} show={(value) => <Ticking text={value}>{money(value)}</Ticking>} />
          </Tile>
          <Tile name="Win rate" below={`of ${count(figures.closedPairs)} closed`}>
            <FigureText figure={figures.winRate} show={percent} />
          </Tile>
        </>
      )}
    </div>
  )
}

function Tile({ name, below, children }: { readonly name: string; readonly below: ReactNode; readonly children: ReactNode }) {
  return (
    <dl className={css.tile}>
      <dt className={css.tileName}>{name}</dt>
      <dd className={css.tileValue}>{children}</dd>
      <dd className={css.tileBelow}>{below}</dd>
    </dl>
  )
}

/** What the book's clock shows, how far the session has come, and what comes next. */
function MarketTile({ home, book, heardAt }: Pick<StripProps, 'home' | 'book' | 'heardAt'>) {
  const at = useBookTime({ book, heardAt })
  const state = at === undefined ? undefined : marketStateAt(home.sessions, at)
  if (at === undefined) {
    return (
      <Tile name="Market" below="the session has not begun">
        <Unknown reason="The clock of this book starts with its session; models are being prepared until then." />
      </Tile>
    )
  }
  const done = state?.progress ?? (state === undefined ? undefined : 0)
  return (
    <Tile name={`Market · ${dayText(at)}`} below={state === undefined ? 'beyond the calendar' : `${state.name} · ${state.next}`}>
      <span className={css.clock}>{clockTime(at)}</span>
      <Tooltip label="How far the session has come" openDelay={400}>
        <span className={css.session} aria-hidden="true">
          <span style={{ inlineSize: `${((done ?? 0) * 100).toFixed(1)}%` }} />
        </span>
      </Tooltip>
    </Tile>
  )
}
