import { memo } from 'react'
import type { OrderView } from '../../../../src/api/contract.ts'
import { OrderTable } from '../../parts/order-table.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { count } from '../../words/figures.ts'

/** The newest orders with what has filled; each can be asked why. */
export const OrdersPanel = memo(({ rows, isStale }: { readonly rows: readonly OrderView[]; readonly isStale: boolean }) => {
  const working = rows.filter(({ state }) => state === 'working' || state === 'intended' || state === 'unknown').length
  return (
    <Panel
      title="Orders and fills"
      area="orders"
      isStale={isStale}
      aside={rows.length > 0 && `${count(working)} working · New York time`}
    >
      {rows.length === 0 ? (
        <Nothing>No order yet. Orders come in twos, one for each leg, once risk has approved a signal.</Nothing>
      ) : (
        <OrderTable rows={rows} />
      )}
    </Panel>
  )
})
