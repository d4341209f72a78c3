import type { BrokerUnavailable } from '#domain/broker.ts'
import { Fault } from '#domain/fault.ts'

/** Why the broker did not answer, as a fault. */
export function brokerUnavailable(why: BrokerUnavailable): Fault {
  return new Fault(
    'BROKER_UNAVAILABLE',
    `The broker did not answer (${why.kind}: ${detailOf(why)}); nothing was changed, ask again later.`,
  )
}

function detailOf(why: BrokerUnavailable): string {
  switch (why.kind) {
    case 'unauthorised':
      return why.message
    case 'unreachable':
      return why.cause
    case 'rate-limited':
      return `again in ${Math.ceil(why.retryAfterMs / 1000)} s`
    default:
      return why satisfies never
  }
}
