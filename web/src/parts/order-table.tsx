import { useNavigate } from '@tanstack/react-router'
import type { OrderView } from '../../../src/api/contract.ts'
import { count, price } from '../words/figures.ts'
import { ORDER_STATES, pairText, wordsOf } from '../words/names.ts'
import { clockTime, exactTime } from '../words/times.ts'
import { Chip, type Tone } from './chip.tsx'
import { Unknown } from './figure-text.tsx'
import table from './table.module.css'

const TONES: Readonly<Record<OrderView['state'], Tone>> = {
  intended: 'neutral',
  unknown: 'warn',
  working: 'accent',
  filled: 'gain',
  cancelled: 'neutral',
  expired: 'neutral',
  rejected: 'loss',
}

/** Orders, newest first. A row opens why the order exists. */
export function OrderTable({ rows }: { readonly rows: readonly OrderView[] }) {
  const navigate = useNavigate()
  const askWhy = (why: string) => void navigate({ to: '.', search: (search) => ({ ...search, why }) })
  return (
    <table className={`${table.table} ${table.clickable}`}>
      <thead>
        <tr>
          <th scope="col">Order</th>
          <th scope="col" className={table.spare}>
            Time
          </th>
          <th scope="col" className={table.spare}>
            Pair
          </th>
          <th scope="col" className={table.number}>
            Filled
          </th>
          <th scope="col" className={table.number}>
            Price, $
          </th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <OrderRow key={row.id} row={row} onWhy={askWhy} />
        ))}
      </tbody>
    </table>
  )
}

function OrderRow({ row, onWhy }: { readonly row: OrderView; readonly onWhy: (id: string) => void }) {
  return (
    <tr onClick={() => onWhy(row.id)}>
      <td>
        <button
          type="button"
          className={table.rowButton}
          aria-label={`Why ${row.side} ${row.symbol}, ${row.purpose} ${pairText(row.pair)}?`}
        >
          {wordsOf(row.side)} {row.symbol}
        </button>
      </td>
      <td className={table.spare} title={exactTime(row.at)}>
        {clockTime(row.at)}
      </td>
      <td className={table.spare}>
        {pairText(row.pair)} <span className="muted">{row.purpose}</span>
      </td>
      <td className={table.number}>
        {count(row.filledShares)} <span className="muted">of {count(row.quantityShares)}</span>
      </td>
      <td className={table.number}>
        {row.averagePrice === null ? <Unknown reason="Nothing of this order has filled yet." /> : price(row.averagePrice)}
      </td>
      <td>
        <Chip tone={TONES[row.state]} {...(row.reason === null ? {} : { title: row.reason })}>
          {ORDER_STATES[row.state]}
        </Chip>
      </td>
    </tr>
  )
}
