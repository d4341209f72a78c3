import type { Listing } from '#domain/tape.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { Wanted } from './bar-frames.ts'
import type { CountedRows } from './counted-rows.ts'
import { type Print, printsOf } from './derived-ticks.ts'
import { barOfRow } from './latest-bars.ts'
import { quoteJson, tapeOfListing, tradeJson } from './market-json.ts'

type TickTerms = {
  readonly listings: readonly Listing[]
  readonly wanted: Wanted | undefined
  readonly codec: 'json' | 'msgpack'
}

/** An instant as a stream's codec writes it: text, or a Date that becomes MessagePack's timestamp extension. */
export function instantIn(codec: 'json' | 'msgpack'): (at: EpochMs) => string | Date {
  return codec === 'msgpack' ? (at) => new Date(at) : isoFrom
}

/** The trades of a minute's bars as messages, ascending in time within a symbol; empty when none is wanted. */
export function tradeFrames(counted: CountedRows, terms: TickTerms): readonly object[] {
  return framesOf(counted, terms, { letter: 't', json: tradeJson })
}

/** The quotes of a minute's bars as messages. */
export function quoteFrames(counted: CountedRows, terms: TickTerms & { readonly halfSpreadBps: number }): readonly object[] {
  return framesOf(counted, terms, { letter: 'q', json: (print, tape) => quoteJson(print, tape, terms.halfSpreadBps) })
}

function framesOf(
  { rows, begin, end }: CountedRows,
  { listings, wanted, codec }: TickTerms,
  { letter, json }: { readonly letter: 't' | 'q'; readonly json: (print: Print, tape: string) => object },
): readonly object[] {
  if (!wanted) return []
  const instant = instantIn(codec)
  const frames: object[] = []
  for (let i = begin; i < end; i++) {
    const s = rows.symbolIndex[i]
    if (wanted[s] === 0) continue
    const { symbol, exchange } = listings[s]
    const tape = tapeOfListing(exchange)
    for (const print of printsOf(barOfRow(rows, i, symbol))) {
      frames.push({ T: letter, S: symbol, ...json(print, tape), t: instant(print.at) })
    }
  }
  return frames
}
