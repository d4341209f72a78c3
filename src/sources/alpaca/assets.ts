import type { BrokerUnavailable } from '#domain/broker.ts'
import type { Outcome } from '#domain/outcome.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'

/** A share as the exchange's list has it. */
export type ListedAsset = {
  /** The broker's own name of the share, which stays when the ticker changes. */
  readonly id: string
  readonly symbol: Symbol_
  readonly name: string
  /** False once it is listed no more. */
  readonly isActive: boolean
  readonly isTradable: boolean
  readonly isShortable: boolean
}

/** A trading day as the exchange's calendar has it; times are New York's, `HH:MM`. */
export type ExchangeDay = { readonly date: SessionDate; readonly opens: string; readonly closes: string }

/** What an exchange tells of what it lists and when it trades. */
export type ExchangeDirectory = {
  /** Every share that is listed or was, whose ticker is among `symbols` or whose id among `ids`. */
  readonly assets: (wanted: {
    readonly symbols: ReadonlySet<string>
    readonly ids: ReadonlySet<string>
  }) => Promise<Outcome<readonly ListedAsset[], BrokerUnavailable>>
  /** Its trading days from `from` through `through`, ascending. */
  readonly calendar: (from: SessionDate, through: SessionDate) => Promise<Outcome<readonly ExchangeDay[], BrokerUnavailable>>
}
