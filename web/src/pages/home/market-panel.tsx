import { memo } from 'react'
import type { TapeRow, TapeView } from '../../../../src/api/contract.ts'
import { Sparkline } from '../../charts/sparkline.tsx'
import { FractionChange, Ticking } from '../../parts/figure-text.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { count, price } from '../../words/figures.ts'
import { dateText, exactTime, minuteTime } from '../../words/times.ts'
import css from './market.module.css'

/** A price older than this is dimmed and shows its minute. */
const STALE_AFTER_MS = 5 * 60_000

type MarketProps = { readonly tape: TapeView | null; readonly isStale: boolean }

/** What the book's symbols do: last price, change since the open and the last hour, the held ones first. */
export const MarketPanel = memo(({ tape, isStale }: MarketProps) => (
  <div className={css.market}>
    <Panel title="Market" isStale={isStale} aside={tape && <Aside tape={tape} />}>
      {tape === null || tape.rows.length === 0 ? (
        <div className={css.nothing}>
          <Nothing>Prices come with the first minute of the session.</Nothing>
        </div>
      ) : (
        <ul className={css.symbols}>
          {inCalmOrder(tape.rows).map((row) => (
            <SymbolCell key={row.symbol} row={row} at={tape.at} />
          ))}
        </ul>
      )}
    </Panel>
  </div>
))

/** By name within the held and the others: the widest moves are chosen anew each minute, and cells that change places cannot be read. */
function inCalmOrder(rows: readonly TapeRow[]): TapeRow[] {
  return rows.toSorted((a, b) => Number(b.isHeld) - Number(a.isHeld) || (a.symbol < b.symbol ? -1 : 1))
}

function Aside({ tape }: { readonly tape: TapeView }) {
  const day = tape.day === dateText(tape.at) ? 'today' : `on ${tape.day}`
  return (
    <>
      <span className={css.legend}>price in $ · change since the open · line and shares of the last hour ·</span>
      <span>
        {count(tape.bars)} bars {day}
      </span>
    </>
  )
}

function SymbolCell({ row, at }: { readonly row: TapeRow; readonly at: number }) {
  const closedAt = row.lastOpenedAt + 60_000
  const isOld = at - closedAt > STALE_AFTER_MS
  return (
    <li className={css.symbol} data-held={row.isHeld || undefined} data-stale={isOld || undefined}>
      <div className={css.name}>
        <strong title={row.isHeld ? `A pair with ${row.symbol} is held` : undefined}>
          {row.symbol}
          {row.isHeld && <span className={css.held}>, held</span>}
        </strong>
        <span className="muted">{isOld ? `at ${minuteTime(closedAt)}` : count(row.hourVolumeShares)}</span>
      </div>
      <Sparkline values={row.closes} label={inWords(row)} />
      <div className={css.price} title={`Close of ${exactTime(closedAt)}`}>
        <Ticking text={String(row.last)}>{price(row.last)}</Ticking>
        <FractionChange fraction={row.change} />
      </div>
    </li>
  )
}

function inWords({ symbol, closes }: TapeRow): string {
  const known = closes.filter((close) => close !== null)
  const [first, last] = [known.at(0), known.at(-1)]
  if (first === undefined || last === undefined) return `${symbol} has not traded in the last hour`
  return `${symbol} in the last hour: from ${price(first)} to ${price(last)}, lowest ${price(Math.min(...known))}, highest ${price(Math.max(...known))}`
}
