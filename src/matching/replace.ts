import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { EpochMs } from '#domain/units.ts'
import { opposed } from './accept.ts'
import { type Account, type Trigger, type WorkingOrder, withOrder, withoutOrder, workingOrder } from './account.ts'
import { type AcceptanceTerms, lackingBuyingPower, lackingShares } from './affordable.ts'
import { opens } from './availability.ts'
import { triggerOf } from './execution-price.ts'
import type { Instruction, Pricing } from './instruction.ts'
import type { OrderRefused, ReplaceRefused } from './refused.ts'
import { isWhole, less, type NanoShares, NO_SHARES, sharesFrom } from './shares.ts'

/** What is to be different; undefined stays as it is. `shares` is the order's whole quantity, what has filled included. */
export type Change = {
  readonly clientOrderId: string
  readonly shares: NanoShares | undefined
  readonly limitPrice: number | undefined
  readonly stopPrice: number | undefined
  /** In the unit in which the order's trail is told. */
  readonly trail: number | undefined
  readonly timeInForce: Instruction['timeInForce'] | undefined
}

export type Replaced = { readonly account: Account; readonly before: WorkingOrder; readonly after: WorkingOrder }

/**
 * The account with another order in the place of one that works, or why it stays. What has filled is kept and counts: of an
 * order for 10 with 4 filled, replaced by one for 7, 3 go on. The new order stands behind all others. Its money or shares
 * are checked like a new order's, with those of the order it replaces given back.
 */
export function replace(
  account: Account,
  clientOrderId: string,
  { change, ...terms }: AcceptanceTerms & { readonly change: Change },
): Outcome<Replaced, ReplaceRefused> {
  const before = workingOrder(account, clientOrderId)
  if (!before) return refuse({ kind: 'not-working' })
  const fixed = amountFixed(before, change)
  if (fixed) return refuse(fixed)
  const instruction = changed(before.instruction, change)
  const most = change.shares ?? before.most
  const left = less(most ?? NO_SHARES, before.filled)
  if (left <= 0n) return refuse({ kind: 'nothing-left', filled: sharesFrom(before.filled) })
  const freed = withoutOrder(account, before.instruction)
  // The position may have turned since the order came; the exits of a group never open one.
  const isOpening = before.group === undefined ? opens(freed, instruction) : before.isOpening
  const why = before.isHeld ? undefined : notCovered(freed, instruction, { before: { ...before, isOpening }, left, ...terms })
  if (why) return refuse(why)
  const life = lifeOf(before, change, terms)
  const after: WorkingOrder = { ...before, instruction, most, isOpening, ...life, trigger: rearmed(before, instruction) }
  return ok({ account: withOrder(freed, after), before, after })
}

function notCovered(
  freed: Account,
  instruction: Instruction,
  { before, left, ...terms }: AcceptanceTerms & { readonly before: WorkingOrder; readonly left: NanoShares },
): OrderRefused | undefined {
  const opposite = opposed(freed, instruction, before.group?.id)
  if (opposite) return opposite
  if (before.isOpening) return lackingBuyingPower(freed, instruction, { ...terms, shares: left })
  // The other exit of the group holds the same shares.
  return before.group === undefined ? lackingShares(freed, instruction, left) : undefined
}

function amountFixed({ instruction: { size }, group }: WorkingOrder, { shares }: Change): ReplaceRefused | undefined {
  if (size.kind === 'value') return { kind: 'amount-fixed', because: 'value' }
  if (shares === undefined) return undefined
  if (shares <= 0n) return { kind: 'not-positive', quantity: sharesFrom(shares) }
  if (group !== undefined) return { kind: 'amount-fixed', because: 'group' }
  return isWhole(size.shares) && isWhole(shares) ? undefined : { kind: 'amount-fixed', because: 'fractional' }
}

function changed(instruction: Instruction, change: Change): Instruction {
  const { clientOrderId, shares, timeInForce = instruction.timeInForce } = change
  return {
    ...instruction,
    clientOrderId,
    timeInForce,
    size: shares === undefined ? instruction.size : { kind: 'shares', shares },
    pricing: repriced(instruction.pricing, change),
  }
}

/** Prices that the type of the order has not are left out: the wire side has refused them before. */
function repriced(pricing: Pricing, { limitPrice, stopPrice, trail }: Change): Pricing {
  switch (pricing.type) {
    case 'market':
      return pricing
    case 'limit':
      return { ...pricing, limitPrice: limitPrice ?? pricing.limitPrice }
    case 'stop':
      return { ...pricing, stopPrice: stopPrice ?? pricing.stopPrice }
    case 'stop_limit':
      return { ...pricing, stopPrice: stopPrice ?? pricing.stopPrice, limitPrice: limitPrice ?? pricing.limitPrice }
    case 'trailing_stop': {
      if (trail === undefined) return pricing
      return {
        ...pricing,
        trail: pricing.trail.kind === 'price' ? { kind: 'price', usd: trail } : { kind: 'percent', percent: trail },
      }
    }
    default:
      return pricing satisfies never
  }
}

/** A new order has its own instants; what it may still meet begins with the next bar. */
function lifeOf(
  before: WorkingOrder,
  { timeInForce }: Change,
  { at, worksFrom, expiresAt }: AcceptanceTerms,
): { readonly acceptedAt: EpochMs; readonly worksFrom: EpochMs; readonly expiresAt: EpochMs | undefined } {
  return { acceptedAt: at, worksFrom, expiresAt: timeInForce === undefined ? before.expiresAt : expiresAt }
}

/** A stop that was reached stays so; a trailing one keeps its mark. */
function rearmed({ trigger }: WorkingOrder, instruction: Instruction): Trigger {
  if (trigger.kind === 'none' || trigger.kind === 'reached') return trigger
  return triggerOf(instruction, trigger.kind === 'trailing' ? trigger.mark : Number.NaN)
}
