import { memo } from 'react'
import type { PositionView } from '../../../../src/api/contract.ts'
import { Chip } from '../../parts/chip.tsx'
import { FigureText, MoneyChange, Unknown } from '../../parts/figure-text.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import table from '../../parts/table.module.css'
import { ratio, signedShares } from '../../words/figures.ts'
import { POSITION_STATES, pairText } from '../../words/names.ts'
import { exactTime } from '../../words/times.ts'
import css from './home.module.css'

/** The pairs held, with both legs and their profit at the last prices. */
export const PositionsPanel = memo(({ rows, isStale }: { readonly rows: readonly PositionView[]; readonly isStale: boolean }) => (
  <Panel title="Positions" area="positions" isStale={isStale} aside={rows.length > 0 && `${rows.length} held`}>
    {rows.length === 0 ? (
      <Nothing>No pair is held. One is entered when its spread is far enough from its mean and risk approves.</Nothing>
    ) : (
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Pair</th>
            <th scope="col">Direction</th>
            <th scope="col" className={table.number}>
              Legs, shares
            </th>
            <th scope="col" className={`${table.number} ${table.spare}`}>
              Entry z
            </th>
            <th scope="col" className={table.number}>
              Unrealised, $
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <PositionRow key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    )}
  </Panel>
))

function PositionRow({ row }: { readonly row: PositionView }) {
  return (
    <tr>
      <td title={`${POSITION_STATES[row.state]} since ${exactTime(row.openedAt)}`}>
        <strong>{pairText(row.pair)}</strong>
      </td>
      <td>
        <Chip tone={row.state === 'open' ? 'accent' : 'warn'}>
          {row.direction === 'long' ? 'Long' : 'Short'}
          {row.state !== 'open' && <span className={table.spare}>&nbsp;· {POSITION_STATES[row.state].toLowerCase()}</span>}
        </Chip>
      </td>
      <td className={`${table.number} ${css.legs}`}>
        <Leg shares={row.yShares} symbol={row.y} />
        <Leg shares={row.xShares} symbol={row.x} />
      </td>
      <td className={`${table.number} ${table.spare}`}>
        {row.entryZ === null ? <Unknown reason="The signal that opened this pair had no z-score." /> : ratio(row.entryZ)}
      </td>
      <td className={table.number}>
        <FigureText figure={row.unrealisedUsd} show={(value) => <MoneyChange usd={value} />} />
      </td>
    </tr>
  )
}

function Leg({ shares, symbol }: { readonly shares: number; readonly symbol: string | null }) {
  return (
    <span>
      {signedShares(shares)} {symbol !== null && <span className={`muted ${table.spare}`}>{symbol}</span>}
    </span>
  )
}
