import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { OrderWhy } from '../../../src/api/contract.ts'
import { ask } from '../live/ask.ts'
import { count, money, percent, price, ratio, score } from '../words/figures.ts'
import { inSentences, ORDER_STATES, pairText, SIGNAL_NAMES, wordsOf } from '../words/names.ts'
import { clockTime, exactTime } from '../words/times.ts'
import { Failure } from './notice.tsx'
import { SideDrawer } from './side-drawer.tsx'
import css from './why-drawer.module.css'

/** Why an order exists, step by step from the bar to its fills. */
export default function WhyDrawer({ order, onClose }: { readonly order: string; readonly onClose: () => void }) {
  const why = useQuery({
    queryKey: ['portfolio', 'why', order],
    queryFn: () => ask<OrderWhy>(`/orders/${encodeURIComponent(order)}/why`),
  })
  return (
    <SideDrawer title={why.data === undefined ? 'Why this order' : titleOf(why.data)} onClose={onClose}>
      {why.error !== null && <Failure error={why.error} onAgain={() => void why.refetch()} />}
      {why.data !== undefined ? <Steps why={why.data} /> : why.error === null && <Skeleton height={420} />}
    </SideDrawer>
  )
}

function titleOf({ order }: OrderWhy): string {
  return `Why ${order.side} ${count(order.quantityShares)} ${order.symbol}`
}

function Steps({ why }: { readonly why: OrderWhy }) {
  return (
    <ol className={css.steps}>
      <BarStep why={why} />
      <ModelStep why={why} />
      <SignalStep why={why} />
      <Step name="Risk" at={why.decision.at}>
        {why.decision.verdict === 'approved' ? 'Risk approved both legs.' : (why.decision.reason ?? 'Risk refused.')}
      </Step>
      <OrderStep why={why} />
      <FillSteps why={why} />
    </ol>
  )
}

function BarStep({ why: { bars } }: { readonly why: OrderWhy }) {
  return (
    <Step name="Bars" at={bars.at(0)?.openedAt}>
      {bars.length === 0 ? 'The bars that the signal saw are not stored any more.' : 'The last finished minute of both legs.'}
      {bars.map((bar) => (
        <Facts
          key={bar.symbol}
          facts={[
            [bar.symbol, `$${price(bar.close)}`],
            ['low–high', `${price(bar.low)}–${price(bar.high)}`],
            ['volume', count(bar.volumeShares)],
          ]}
        />
      ))}
    </Step>
  )
}

function ModelStep({ why: { model } }: { readonly why: OrderWhy }) {
  if (model === null) return <Step name="Model">No model had a part in this signal.</Step>
  const scores = Object.entries(model.scores)
    .flatMap(([name, figure]): [string, string][] => (figure.kind === 'known' ? [[wordsOf(name), score(figure.value)]] : []))
    .slice(0, 4)
  return (
    <Step name="Model">
      {pairText(model.pair)} for {model.day}, {model.isPromoted ? 'promoted' : 'not promoted'}.
      <Facts facts={scores} />
      {model.gateReasons.length > 0 && <p className="muted">{inSentences(model.gateReasons)}</p>}
    </Step>
  )
}

function SignalStep({ why: { signal } }: { readonly why: OrderWhy }) {
  const numbers: [string, string][] = [
    ...(signal.z === null ? [] : [['z', ratio(signal.z)] satisfies [string, string]]),
    ...(signal.probability === null ? [] : [['reversion', percent(signal.probability)] satisfies [string, string]]),
    ['confidence', percent(signal.confidence)],
  ]
  return (
    <Step name="Signal" at={signal.at}>
      {SIGNAL_NAMES[signal.kind]} {pairText(signal.pair)}.
      <Facts facts={numbers} />
      <p className="muted">{inSentences(signal.reasons)}</p>
    </Step>
  )
}

function OrderStep({ why: { order } }: { readonly why: OrderWhy }) {
  return (
    <Step name="Order" at={order.at}>
      {wordsOf(order.side)} {count(order.quantityShares)} {order.symbol}, {order.purpose} {pairText(order.pair)}.
      <Facts
        facts={[
          ['state', ORDER_STATES[order.state]],
          ['price when decided', `$${price(order.referencePrice)}`],
        ]}
      />
      {order.reason !== null && <p className="muted">{order.reason}</p>}
    </Step>
  )
}

function FillSteps({ why: { fills } }: { readonly why: OrderWhy }) {
  if (fills.length === 0) return <Step name="Fills">Nothing has filled yet.</Step>
  return fills.map((fill) => (
    <Step key={fill.id} name="Fill" at={fill.at}>
      {count(fill.quantityShares)} shares at ${price(fill.price)}, fees {money(fill.feesUsd)}.
    </Step>
  ))
}

function Step({ name, at, children }: { readonly name: string; readonly at?: number | undefined; readonly children: ReactNode }) {
  return (
    <li className={css.step}>
      <h3 className={css.name}>
        {name}
        {at !== undefined && (
          <time className={css.when} title={exactTime(at)}>
            {clockTime(at)}
          </time>
        )}
      </h3>
      <div className={css.text}>{children}</div>
    </li>
  )
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl className={css.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
