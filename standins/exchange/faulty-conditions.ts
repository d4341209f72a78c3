import type { Conditions } from './conditions.ts'
import { concerns, type Faults } from './faults.ts'

/** `conditions` as they are while faults of trading are in force; what is changed is changed underneath. */
export function conditionsUnder(faults: Faults, conditions: Conditions): Conditions {
  return {
    ...conditions,
    of: (symbol) => {
      const stated = conditions.of(symbol)
      const rejecting = faults.inForce('reject-order').find((fault) => concerns(fault, symbol))
      const partial = faults.inForce('partial-fills').find((fault) => concerns(fault, symbol))
      const late = faults.inForce('late-fills').find((fault) => concerns(fault, symbol))
      const isRefused = faults.inForce('not-borrowable').some((fault) => concerns(fault, symbol))
      return {
        ...stated,
        ...(rejecting === undefined ? {} : { rejection: rejecting.message }),
        ...(partial === undefined ? {} : { participation: partial.participation }),
        ...(late === undefined ? {} : { delayMs: late.delayMs }),
        ...(isRefused ? { borrow: { ...stated.borrow, isShortable: false, isEasy: false } } : {}),
      }
    },
  }
}
