/**
 * What a certificate says of each thing: an instant, where there is one, then the rest as JSON with its keys in order and
 * numbers in their shortest exact form. Books, run ids, version numbers, wall times and ids that derive from a book are
 * left out, so that two books that decided the same have the same rows. Rows are sorted here, whatever order they come in.
 */
import type { BarColumns } from '#domain/bars.ts'
import { decimalFrom } from '#domain/money.ts'
import { filledSharesOf } from '#domain/order.ts'
import { nameOf } from '#domain/pair.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import type { SagaOrder } from '#execution/saga.ts'
import { canonicalJson } from '#models/canonical-json.ts'
import type { PairFill } from '#portfolio/portfolio.ts'
import type { Signal } from '#signals/signal.ts'

/** A trained model: `contentHash` is over everything that it forecasts with. */
export type CertifiedModel = { readonly pair: string; readonly contentHash: string; readonly isPromoted: boolean }

/** A decision of risk, as it is stored. */
export type CertifiedDecision = {
  readonly at: EpochMs
  readonly pair: string
  readonly verdict: 'approved' | 'refused'
  readonly detail: unknown
}

/** One line a bar: instant, symbol, open, high, low, close, volume. */
export function barRows(series: readonly BarColumns[]): string[] {
  return series.flatMap(linesOfSeries).sort()
}

function linesOfSeries(bars: BarColumns): string[] {
  return Array.from(bars.openedAt, (at, i) => {
    const values = [bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.volumeShares[i]]
    return `${isoFrom(epochMs(at))} ${bars.symbol} ${values.join(' ')}`
  })
}

/** What each decision saw: the numbers of each signal. */
export function featureRows(signals: readonly Signal[]): string[] {
  return signals.map(({ at, pair, numbers }) => line(at, { pair: nameOf(pair), numbers })).sort()
}

export function modelRows(models: readonly CertifiedModel[]): string[] {
  return models.map(({ pair, contentHash, isPromoted }) => canonicalJson({ pair, contentHash, isPromoted })).sort()
}

export function signalRows(signals: readonly Signal[]): string[] {
  return signals
    .map(({ at, pair, kind, confidence, z, probability, reasons, strategy }) =>
      line(at, { pair: nameOf(pair), kind, confidence, z, probability, reasons, strategy }),
    )
    .sort()
}

/** Approvals and refusals. */
export function approvalRows(decisions: readonly CertifiedDecision[]): string[] {
  return decisions.map(({ at, pair, verdict, detail }) => line(at, { pair, verdict, detail })).sort()
}

export function orderRows(orders: readonly SagaOrder[]): string[] {
  return orders
    .map(({ at, pair, leg, symbol, side, quantityShares, type, referencePrice, purpose, state, ...order }) => {
      const outcome = { state: state.kind, filledShares: filledSharesOf(state), filledUsd: rounded(order.filledUsd) }
      const terms = { pair: nameOf(pair), leg, symbol, side, quantityShares, type, referencePrice, purpose }
      return line(at, { ...terms, ...outcome })
    })
    .sort()
}

export function fillRows(fills: readonly PairFill[]): string[] {
  return fills
    .map(({ at, pair, leg, symbol, side, quantityShares, price, fees }) =>
      line(at, { pair: nameOf(pair), leg, symbol, side, quantityShares, price, fees: decimalFrom(fees) }),
    )
    .sort()
}

function line(at: EpochMs, row: object): string {
  return `${isoFrom(at)} ${canonicalJson(row)}`
}

/** To the millionth: a sum that was once stored as an average may differ in its last bits. */
function rounded(usd: number): number {
  return Math.round(usd * 1e6) / 1e6
}
