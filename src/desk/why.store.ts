import type { Sql } from '#database/connection.client.ts'
import { modelNamed } from './models.store.ts'
import { fillsOf, orderNamed } from './orders.store.ts'
import { signalNamed } from './signals.store.ts'
import type { BarView, DecisionView, OrderWhy } from './views.ts'

/** Why this order exists: bars, model, signal, decision, order, fills; undefined when there is no such order. */
export async function whyOrder(sql: Sql, id: string): Promise<OrderWhy | undefined> {
  const found = await orderNamed(sql, id)
  const cause = found && (await causeOf(sql, found.decisionId))
  const signal = cause && (await signalNamed(sql, cause.signalId))
  if (!found || !cause || !signal) return undefined
  const [bars, model, fills] = await Promise.all([
    barsBefore(sql, { book: found.book, pair: found.order.pair, at: signal.at }),
    modelNamed(sql, cause.modelId),
    fillsOf(sql, id),
  ])
  return { order: found.order, bars, model: model ?? null, signal, decision: cause.decision, fills }
}

type Cause = { readonly signalId: string; readonly modelId: string; readonly decision: DecisionView }

async function causeOf(sql: Sql, decisionId: string): Promise<Cause | undefined> {
  const { rows } = await sql.query<DecisionView & { signalId: string; modelId: string }>(
    `select d.id, (extract(epoch from d.at) * 1000)::float8 as at, d.verdict, d.reason, d.signal_id as "signalId", s.model_id as "modelId"
     from spreadworks.risk_decisions d join spreadworks.signals s on s.id = d.signal_id where d.id = $1`,
    [decisionId],
  )
  return rows.map(({ signalId, modelId, ...decision }) => ({ signalId, modelId, decision })).at(0)
}

/** The newest bar of each leg that had finished at `at`, y first. */
async function barsBefore(sql: Sql, { book, pair, at }: { book: string; pair: string; at: number }): Promise<BarView[]> {
  const { rows } = await sql.query<BarView>(
    `select legs.symbol, (extract(epoch from opened_at) * 1000)::float8 as "openedAt", open, high, low, close, volume as "volumeShares"
     from (select distinct leg, symbol from spreadworks.orders where book = $1 and pair = $2) as legs
     cross join lateral (
       select opened_at, open, high, low, close, volume from spreadworks.bars
       where symbol = legs.symbol and timeframe = '1m' and feed = (select feed from spreadworks.books where book = $1)
         and opened_at <= to_timestamp($3::float8 / 1000) - interval '1 minute'
         and opened_at > to_timestamp($3::float8 / 1000) - interval '5 days'
       order by opened_at desc limit 1
     ) as bar
     order by legs.leg desc`,
    [book, pair, at],
  )
  return rows
}
