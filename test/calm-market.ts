import type { Bar } from '#domain/bars.ts'
import { microUsd } from '#domain/money.ts'
import type { Side } from '#domain/order.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { accept } from '#matching/accept.ts'
import { type Account, openAccount } from '#matching/account.ts'
import type { AcceptanceTerms } from '#matching/affordable.ts'
import { onClose } from '#matching/close.ts'
import type { FillModel } from '#matching/fill-model.ts'
import type { Exit, Instruction, Pricing, Ticket } from '#matching/instruction.ts'
import { type BarTerms, onBar } from '#matching/match.ts'
import type { OrderMatched } from '#matching/order-event.ts'
import { nanoShares } from '#matching/shares.ts'
import { FINRA_RULES, NO_CHOICES } from '#matching/trading-rules.ts'

export const MODEL: FillModel = {
  halfSpreadBps: 1,
  slippageBps: 0.5,
  participation: 0.1,
  secFeePerMillion: 27.8,
  tafPerShare: 0.000166,
  tafMaximum: 8.3,
  borrowRate: 0.003,
  marginMultiplier: 2,
}
export const KO = 'KO' as Symbol_
const OPEN = 1_522_243_800_000
export const START = microUsd(100_000)

export const minute = (n: number): EpochMs => epochMs(OPEN + n * MINUTE_MS)

/** A bar of KO that opened n minutes after the session. */
export const bar = (n: number, prices: Partial<Bar> = {}): Bar => ({
  symbol: KO,
  openedAt: minute(n),
  open: 100,
  high: 101,
  low: 99,
  close: 100,
  volumeShares: 10_000,
  ...prices,
})

export const order = (side: Side, shares: number, more: Partial<Instruction> = {}): Instruction => ({
  clientOrderId: `${side}-${shares}`,
  symbol: KO,
  side,
  size: { kind: 'shares', shares: nanoShares(shares) },
  pricing: { type: 'market' },
  timeInForce: 'day',
  isExtendedHours: false,
  ...more,
})
export const priced = (side: Side, shares: number, pricing: Pricing, more: Partial<Instruction> = {}): Instruction =>
  order(side, shares, { pricing, ...more })
export const limit = (side: Side, shares: number, limitPrice: number, more: Partial<Instruction> = {}): Instruction =>
  priced(side, shares, { type: 'limit', limitPrice }, more)
export const exit = (role: Exit['role'], instruction: Instruction): Exit => ({
  role,
  instruction: { ...instruction, clientOrderId: role },
})

export const terms = (more: Partial<AcceptanceTerms> = {}): AcceptanceTerms => ({
  at: minute(0),
  worksFrom: more.at ?? minute(0),
  expiresAt: minute(390),
  borrow: { isShortable: true, isEasy: true, availableShares: undefined, rate: undefined },
  priceOf: () => 100,
  model: MODEL,
  rules: FINRA_RULES,
  choices: NO_CHOICES,
  ...more,
})
export const offered = (account: Account, asked: Instruction | Ticket, more: Partial<AcceptanceTerms> = {}) =>
  accept(account, 'kind' in asked ? asked : { kind: 'simple', main: asked }, terms(more))

/** The account with the order in it; an order that is refused fails the test. */
export function placed(account: Account, asked: Instruction | Ticket, more: Partial<AcceptanceTerms> = {}): Account {
  const outcome = offered(account, asked, more)
  if (!outcome.ok) throw new Error(`refused: ${outcome.why.kind}`)
  return outcome.value.account
}

export const afterBar = (account: Account, b: Bar, more: Partial<BarTerms> = {}) =>
  onBar(account, b, { model: MODEL, closedAt: epochMs(b.openedAt + MINUTE_MS), moment: 'regular', isHalted: false, ...more })
export const close = (account: Account, nights = 1, price = 100) =>
  onClose(account, minute(390), { model: MODEL, nights, priceOf: () => price, borrowRateOf: () => undefined })
export const fillOf = (events: readonly OrderMatched[]) => events.find((e) => e.kind === 'fill')

/** What happened, in order, as `kind` and client id. */
export const storyOf = (events: readonly OrderMatched[]) => events.map((e) => `${e.kind} ${e.order.instruction.clientOrderId}`)

/** An account that holds `shares`, bought or sold short at about 100. */
export const holding = (shares: number) => {
  const held = order(shares > 0 ? 'buy' : 'sell', Math.abs(shares), { clientOrderId: 'held' })
  return afterBar(placed(openAccount(START), held), bar(0, { volumeShares: 1e9 })).account
}
