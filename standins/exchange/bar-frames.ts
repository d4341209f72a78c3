import type { Listing } from '#domain/tape.ts'
import { epochMs, isoFrom } from '#domain/units.ts'
import type { MinuteOfRows } from './replay.ts'

/** One frame for the data stream, and how many bars are in it. */
type BarFrame = { readonly bars: number; readonly payload: Uint8Array | string }

/** Which listings are wanted: one byte each, in the order of the tape's listings. */
export type Wanted = Uint8Array

/** Turns the bars of a minute into one frame, or undefined when none is wanted. */
export type BarEncoder = (minute: MinuteOfRows, wanted: Wanted) => BarFrame | undefined

/**
 * Bars of Alpaca's v2 stock stream as JSON text. `n` and `vw` (trades and their mean price) are left out: a tape does
 * not know them.
 */
export function jsonBars(listings: readonly Listing[]): BarEncoder {
  return ({ rows, begin, end }, wanted) => {
    const bars = []
    for (let i = begin; i < end; i++) {
      if (wanted[rows.symbolIndex[i]] === 0) continue
      bars.push({
        T: 'b',
        S: listings[rows.symbolIndex[i]].symbol,
        t: isoFrom(epochMs(rows.openedAt[i])),
        o: rows.open[i],
        h: rows.high[i],
        l: rows.low[i],
        c: rows.close[i],
        v: rows.volumeShares[i],
      })
    }
    return bars.length === 0 ? undefined : { bars: bars.length, payload: JSON.stringify(bars) }
  }
}

/** Five tagged doubles at most, their keys, and the time: the bytes of a bar after its symbol. */
const VALUES_BYTES = 5 * 11 + 8
/** Array head with a 32-bit length. */
const HEAD_BYTES = 5

/**
 * The same bars as MessagePack, written by hand because a frame of thousands is made for every minute and client: the
 * fixed part of each symbol is prepared once. Times are the timestamp extension −1 that Alpaca's clients insist on.
 */
export function msgpackBars(listings: readonly Listing[]): BarEncoder {
  const heads = listings.map(({ symbol }) => symbolHead(symbol))
  const needed = heads.reduce((most, head) => Math.max(most, head.length), 0) + VALUES_BYTES
  return ({ rows, begin, end }, wanted) => {
    const bytes = new Uint8Array(HEAD_BYTES + (end - begin) * needed)
    const view = new DataView(bytes.buffer)
    let at = HEAD_BYTES
    let bars = 0
    for (let i = begin; i < end; i++) {
      const s = rows.symbolIndex[i]
      if (wanted[s] === 0) continue
      bars++
      bytes.set(heads[s], at)
      at = writeTime(view, at + heads[s].length, rows.openedAt[i])
      at = writeDouble(view, at, KEY.o, rows.open[i])
      at = writeDouble(view, at, KEY.h, rows.high[i])
      at = writeDouble(view, at, KEY.l, rows.low[i])
      at = writeDouble(view, at, KEY.c, rows.close[i])
      at = writeVolume(view, at, rows.volumeShares[i])
    }
    if (bars === 0) return undefined
    view.setUint8(0, 0xdd)
    view.setUint32(1, bars)
    return { bars, payload: bytes.subarray(0, at) }
  }
}

const FIXSTR_1 = 0xa1
const key = (letter: string) => (FIXSTR_1 << 8) | letter.charCodeAt(0)
const KEY = { t: key('t'), o: key('o'), h: key('h'), l: key('l'), c: key('c'), v: key('v') }

/** A map of eight entries, begun: `T`: `b`, `S`: the symbol. */
function symbolHead(symbol: string): Uint8Array {
  const text = new TextEncoder().encode(symbol)
  return Uint8Array.of(0x88, FIXSTR_1, 0x54, FIXSTR_1, 0x62, FIXSTR_1, 0x53, 0xa0 | text.length, ...text)
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

/** As an unsigned integer where it is one, since typed clients decode volume into one. */
function writeVolume(view: DataView, at: number, shares: number): number {
  if (!Number.isInteger(shares) || shares < 0) return writeDouble(view, at, KEY.v, shares)
  view.setUint16(at, KEY.v)
  if (shares < 2 ** 32) {
    view.setUint8(at + 2, 0xce)
    view.setUint32(at + 3, shares)
    return at + 7
  }
  view.setUint8(at + 2, 0xcf)
  view.setBigUint64(at + 3, BigInt(shares))
  return at + 11
}
