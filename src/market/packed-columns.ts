/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_2000_MS = 946_684_800_000
const TWO_TO_32 = 4_294_967_296

/**
 * SQL that packs the values of `send` (`float8send(open)`) of a group into one bytea, in `order`: a column crosses the wire
 * as bytes and needs no parsing (measured on 500,000 bars: three to six times as fast as arrays in text).
 */
export function packed(send: string, order: string): string {
  return `string_agg(${send}, '' order by ${order})`
}

/** The column that packed float8send values make. Every supported machine is little-endian; the wire is big-endian. */
export function unpackDoubles(bytes: Uint8Array): Float64Array<ArrayBuffer> {
  const aligned = new Uint8Array(bytes)
  Buffer.from(aligned.buffer).swap64()
  return new Float64Array(aligned.buffer)
}

/** Epoch ms of packed timestamptz_send values. */
export function unpackInstants(bytes: Uint8Array): Float64Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float64Array.from({ length: bytes.byteLength / 8 }, (_, i) => {
    const micros = view.getInt32(i * 8) * TWO_TO_32 + view.getUint32(i * 8 + 4)
    return EPOCH_2000_MS + micros / 1000
  })
}

/** Numbers of packed int2send values. */
export function unpackShorts(bytes: Uint8Array): Uint16Array<ArrayBuffer> {
  const aligned = new Uint8Array(bytes)
  Buffer.from(aligned.buffer).swap16()
  return new Uint16Array(aligned.buffer)
}
