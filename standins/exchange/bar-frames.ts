import type { Symbol_ } from '#domain/symbol.ts'
import type { Listing } from '#domain/tape.ts'
import { epochMs, isoFrom } from '#domain/units.ts'
import type { CountedRows } from './counted-rows.ts'

/** One frame for the data stream, and how many bars are in it. */
export type BarFrame = { readonly bars: number; readonly payload: Uint8Array | string }

/** Which listings are wanted: one byte each, in the order of the tape's listings. */
export type Wanted = Uint8Array

/** What a bar message is: a minute, one told again, or the day so far. */
export type BarLetter = 'b' | 'u' | 'd'

/** Turns counted rows into one frame, or undefined when none is wanted. */
export type BarEncoder = (counted: CountedRows, wanted: Wanted, letter: BarLetter) => BarFrame | undefined

/** The proxy of every listing whose bars are another symbol's, which each of its bars names. */
export type Proxies = ReadonlyMap<Symbol_, Symbol_>

/** Bars of Alpaca's v2 stock stream as JSON text. */
export function jsonBars(listings: readonly Listing[], proxies: Proxies): BarEncoder {
  const proxyAt = listings.map(({ symbol }) => proxies.get(symbol))
  return ({ rows, begin, end, trades, vwap }, wanted, letter) => {
    const bars: object[] = []
    for (let i = begin; i < end; i++) {
      const s = rows.symbolIndex[i]
      if (wanted[s] === 0) continue
      const proxy = proxyAt[s]
      bars.push({
        T: letter,
        S: listings[s].symbol,
        t: isoFrom(epochMs(rows.openedAt[i])),
        o: rows.open[i],
        h: rows.high[i],
        l: rows.low[i],
        c: rows.close[i],
        v: rows.volumeShares[i],
        n: trades[i - begin],
        vw: vwap[i - begin],
        ...(proxy === undefined ? {} : { proxy }),
      })
    }
    return bars.length === 0 ? undefined : { bars: bars.length, payload: JSON.stringify(bars) }
  }
}

/** Five tagged doubles, a volume and a count at their longest, their keys, and the time: the bytes of a bar after its symbol. */
const VALUES_BYTES = 5 * 12 + 2 * 11 + 8
/** Array head with a 32-bit length. */
const HEAD_BYTES = 5

/**
 * The same bars as MessagePack, written by hand because a frame of thousands is made for every minute and client: the
 * fixed part of each symbol is prepared once. Times are the timestamp extension −1 that Alpaca's clients insist on.
 */
export function msgpackBars(listings: readonly Listing[], proxies: Proxies): BarEncoder {
  const headsOf = (letter: BarLetter) => listings.map(({ symbol }) => symbolHead(symbol, { letter, proxy: proxies.get(symbol) }))
  const heads: Readonly<Record<BarLetter, readonly Uint8Array[]>> = { b: headsOf('b'), u: headsOf('u'), d: headsOf('d') }
  const needed = heads.b.reduce((most, head) => Math.max(most, head.length), 0) + VALUES_BYTES
  return ({ rows, begin, end, trades, vwap }, wanted, letter) => {
    const bytes = Buffer.allocUnsafe(HEAD_BYTES + (end - begin) * needed)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = HEAD_BYTES
    let bars = 0
    for (let i = begin; i < end; i++) {
      const s = rows.symbolIndex[i]
      if (wanted[s] === 0) continue
      bars++
      const head = heads[letter][s]
      bytes.set(head, at)
      at = writeTime(view, at + head.length, rows.openedAt[i])
      at = writeDouble(view, at, KEY.o, rows.open[i])
      at = writeDouble(view, at, KEY.h, rows.high[i])
      at = writeDouble(view, at, KEY.l, rows.low[i])
      at = writeDouble(view, at, KEY.c, rows.close[i])
      at = writeCount(view, at, KEY.v, rows.volumeShares[i])
      at = writeCount(view, at, KEY.n, trades[i - begin])
      at = writeMean(view, at, vwap[i - begin])
    }
    if (bars === 0) return undefined
    view.setUint8(0, 0xdd)
    view.setUint32(1, bars)
    return { bars, payload: bytes.subarray(0, at) }
  }
}

const FIXSTR_1 = 0xa1
const key = (letter: string) => (FIXSTR_1 << 8) | letter.charCodeAt(0)
const KEY = { t: key('t'), o: key('o'), h: key('h'), l: key('l'), c: key('c'), v: key('v'), n: key('n') }
const FIXMAP = 0x80
/** T, S, t, o, h, l, c, v, n, vw. */
const ENTRIES = 10

/** A map of all entries, begun: `T`, `S`, and `proxy` where the bars are another symbol's. */
function symbolHead(
  symbol: string,
  { letter, proxy }: { readonly letter: BarLetter; readonly proxy: string | undefined },
): Uint8Array {
  const proxied = proxy === undefined ? [] : [...shortText('proxy'), ...shortText(proxy)]
  const entries = ENTRIES + (proxy === undefined ? 0 : 1)
  return Uint8Array.of(
    FIXMAP | entries,
    ...shortText('T'),
    ...shortText(letter),
    ...shortText('S'),
    ...shortText(symbol),
    ...proxied,
  )
}

/** At most 31 bytes of text. */
function shortText(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  return Uint8Array.of(0xa0 | bytes.length, ...bytes)
}

function writeTime(view: DataView, at: number, epoch: number): number {
  view.setUint16(at, KEY.t)
  const seconds = Math.floor(epoch / 1000)
  // fixext 4, type −1: whole seconds until 2106. Bars open on full minutes.
  view.setUint16(at + 2, 0xd6ff)
  view.setUint32(at + 4, seconds)
  return at + 8
}

function writeDouble(view: DataView, at: number, name: number, value: number): number {
  view.setUint16(at, name)
  view.setUint8(at + 2, 0xcb)
  view.setFloat64(at + 3, value)
  return at + 11
}

function writeMean(view: DataView, at: number, value: number): number {
  view.setUint8(at, 0xa2)
  view.setUint16(at + 1, 0x7677)
  view.setUint8(at + 3, 0xcb)
  view.setFloat64(at + 4, value)
  return at + 12
}

/** As an unsigned integer where it is one, since typed clients decode counts into one. */
function writeCount(view: DataView, at: number, name: number, count: number): number {
  if (!Number.isInteger(count) || count < 0) return writeDouble(view, at, name, count)
  view.setUint16(at, name)
  if (count < 128) {
    view.setUint8(at + 2, count)
    return at + 3
  }
  if (count < 2 ** 32) {
    view.setUint8(at + 2, 0xce)
    view.setUint32(at + 3, count)
    return at + 7
  }
  view.setUint8(at + 2, 0xcf)
  view.setBigUint64(at + 3, BigInt(count))
  return at + 11
}
