import type { Bar } from '#domain/bars.ts'
import type { TradeUpdate } from '#domain/broker.ts'
import { bySymbol } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'

/** What became known in one minute: executions first, then the bars that closed at its end. */
export type Minute = { readonly at: EpochMs; readonly updates: readonly TradeUpdate[]; readonly bars: readonly Bar[] }

/**
 * Where streams put what they bring, until it is taken in. Two sockets have no common order, so what was brought is told
 * by its own time, minute by minute: the same day is always told in the same order.
 */
export class EventInbox {
  #bars: Bar[] = []
  #updates: TradeUpdate[] = []

  readonly addBars = (bars: readonly Bar[]): void => {
    this.#bars.push(...bars)
  }

  readonly addUpdate = (update: TradeUpdate): void => {
    this.#updates.push(update)
  }

  /** Drops every update that has not been taken in. */
  forgetUpdates(): void {
    this.#updates = []
  }

  /**
   * Every minute that ends in (`after`, `until`], ascending, with what is of it; what is older comes with the first, what
   * is of later stays. Bars of one minute are in the order of their symbols, updates as they came.
   */
  drain(after: EpochMs, until: EpochMs): Minute[] {
    const first = Math.floor(after / MINUTE_MS) + 1
    const last = Math.floor(until / MINUTE_MS)
    const bars = new Map<number, Bar[]>()
    const updates = new Map<number, TradeUpdate[]>()
    const put = <T>(into: Map<number, T[]>, minute: number, one: T) => {
      const place = Math.max(first, minute)
      const there = into.get(place)
      if (there === undefined) into.set(place, [one])
      else there.push(one)
    }
    const laterBars = this.#bars.filter(({ openedAt }) => openedAt + MINUTE_MS > until)
    const laterUpdates = this.#updates.filter(({ at }) => at > until)
    for (const bar of this.#bars) if (bar.openedAt + MINUTE_MS <= until) put(bars, bar.openedAt / MINUTE_MS + 1, bar)
    for (const update of this.#updates) if (update.at <= until) put(updates, Math.ceil(update.at / MINUTE_MS), update)
    this.#bars = laterBars
    this.#updates = laterUpdates
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ({
      at: epochMs((first + i) * MINUTE_MS),
      updates: updates.get(first + i) ?? [],
      bars: (bars.get(first + i) ?? []).sort((a, b) => bySymbol(a.symbol, b.symbol)),
    }))
  }
}
