import type { Bar } from '#domain/bars.ts'
import { randomStream } from '#domain/random.ts'
import type { Listing, TapeRows } from '#domain/tape.ts'
import { concerns, type FaultOf, type Faults } from './faults.ts'
import type { Distortion } from './history.ts'
import { barOfRow } from './latest-bars.ts'
import type { MinuteOfRows } from './replay.ts'
import { toMicroDollar } from './rounding.ts'

/**
 * What clients are shown of recorded bars while `bad-bars` faults are in force. Orders still execute at what was recorded: the
 * data are wrong, not the market.
 */
export function distortionBy(faults: Faults): Distortion {
  return {
    touches: (symbol) => faults.inForce('bad-bars').some((fault) => concerns(fault, symbol)),
    seen: (bar) => faults.inForce('bad-bars').reduce<Bar | undefined>((seen, fault) => seen && spoiled(seen, fault), bar),
  }
}

function spoiled(bar: Bar, fault: FaultOf<'bad-bars'>): Bar | undefined {
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, defect, factor } = fault
  const isMeant = concerns(fault, bar.symbol) && bar.openedAt >= from && bar.openedAt < until && isChosen(bar, fault)
  if (!isMeant) return bar
  switch (defect) {
    case 'empty':
      return undefined
    case 'times':
      return scaled(bar, factor)
    // The prices are divided as by a split; the volume, which a split would multiply, is left.
    case 'half-split':
      return scaled(bar, 1 / factor)
    default:
      return defect satisfies never
  }
}

function scaled(bar: Bar, factor: number): Bar {
  const times = (price: number) => toMicroDollar(price * factor)
  return { ...bar, open: times(bar.open), high: times(bar.high), low: times(bar.low), close: times(bar.close) }
}

/** Which bars a fraction means follows from the seed and the bar alone, so that asking twice shows the same. */
function isChosen({ symbol, openedAt }: Bar, { fraction, seed }: { readonly fraction: number; readonly seed: number }): boolean {
  return fraction === 1 || randomStream(seed, symbol, openedAt).uniform() < fraction
}

/** A minute as it is first shown, and what of it must be told again because trades were reported late. */
export type ShownMinute = { readonly minute: MinuteOfRows; readonly late: readonly Bar[] }

/**
 * The minute as the stream shows it: bad bars as above, and bars that `late-trades` concerns without the last of their trades:
 * nine tenths of the volume, and the open for a close. The whole bar is in `late`. The rows of a tape are never changed.
 */
export function shownMinute(
  minute: MinuteOfRows,
  {
    faults,
    distortion,
    listings,
  }: { readonly faults: Faults; readonly distortion: Distortion; readonly listings: readonly Listing[] },
): ShownMinute {
  if (faults.inForce('late-trades').length === 0 && faults.inForce('bad-bars').length === 0) return { minute, late: [] }
  const late: Bar[] = []
  const bars: { readonly bar: Bar; readonly s: number }[] = []
  for (let i = minute.begin; i < minute.end; i++) {
    const s = minute.rows.symbolIndex[i]
    const bar = distortion.seen(barOfRow(minute.rows, i, listings[s].symbol))
    if (bar === undefined) continue
    if (faults.strike('late-trades', (fault) => concerns(fault, bar.symbol)) !== undefined) {
      late.push(bar)
      bars.push({ bar: withoutLastTrades(bar), s })
    } else bars.push({ bar, s })
  }
  return { minute: { ...minute, rows: rowsOf(bars), begin: 0, end: bars.length }, late }
}

function withoutLastTrades(bar: Bar): Bar {
  return { ...bar, close: bar.open, volumeShares: Math.floor(bar.volumeShares * 0.9) }
}

/** Bars as rows, each under the index of its listing. */
export function rowsOf(bars: readonly { readonly bar: Bar; readonly s: number }[]): TapeRows {
  const column = (figure: (bar: Bar) => number) => Float64Array.from(bars, ({ bar }) => figure(bar))
  return {
    openedAt: column((bar) => bar.openedAt),
    symbolIndex: Uint16Array.from(bars, ({ s }) => s),
    open: column((bar) => bar.open),
    high: column((bar) => bar.high),
    low: column((bar) => bar.low),
    close: column((bar) => bar.close),
    volumeShares: column((bar) => bar.volumeShares),
  }
}
