/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_2000_MS = 946_684_800_000
const TWO_TO_32 = 4_294_967_296
const NULL_LENGTH = -1

/** Head of a binary COPY. Source: PostgreSQL 18 documentation, COPY, "Binary Format". */
export const COPY_HEAD = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
export const COPY_TAIL = Buffer.from([0xff, 0xff])

/** Bytes of one field of eight bytes, its length included; what whoever sizes a buffer counts with. */
export const WIDE_FIELD_BYTES = 12

/** Writes the tuples of a binary COPY, field by field, into a buffer that is large enough. */
export class CopyTuples {
  readonly #bytes: Buffer
  readonly #view: DataView
  #at = 0

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size)
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, size)
  }

  /** Begins a tuple of `fields` fields. */
  begin(fields: number): void {
    this.#view.setInt16(this.#at, fields)
    this.#at += 2
  }

  text(bytes: Buffer): void {
    this.#view.setInt32(this.#at, bytes.length)
    this.#bytes.set(bytes, this.#at + 4)
    this.#at += 4 + bytes.length
  }

  /** A bigint field of a whole number. */
  wide(value: number): void {
    const high = Math.floor(value / TWO_TO_32)
    this.#view.setInt32(this.#at, 8)
    this.#view.setInt32(this.#at + 4, high)
    this.#view.setUint32(this.#at + 8, value - high * TWO_TO_32)
    this.#at += WIDE_FIELD_BYTES
  }

  /** A timestamptz field of an epoch ms. */
  instant(at: number): void {
    this.wide((at - EPOCH_2000_MS) * 1000)
  }

  double(value: number): void {
    this.#view.setInt32(this.#at, 8)
    this.#view.setFloat64(this.#at + 4, value)
    this.#at += WIDE_FIELD_BYTES
  }

  /** A float8 field, null for NaN. */
  doubleOrNull(value: number): void {
    if (Number.isNaN(value)) this.#empty()
    else this.double(value)
  }

  /** An integer field, null for NaN. */
  wholeOrNull(value: number): void {
    if (Number.isNaN(value)) {
      this.#empty()
      return
    }
    this.#view.setInt32(this.#at, 4)
    this.#view.setInt32(this.#at + 4, value)
    this.#at += 8
  }

  /** What was written. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  #empty(): void {
    this.#view.setInt32(this.#at, NULL_LENGTH)
    this.#at += 4
  }
}
