import { Fault } from '#domain/fault.ts'

/*
 * The wire format of Protocol Buffers, as much of it as an ONNX model needs: numbers as varints, and everything else with
 * its length in front. Source: protobuf.dev/programming-guides/encoding.
 */

const VARINT = 0
const FIXED_64 = 1
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

/** One field of a message in bytes. */
export type EncodedField = Uint8Array

/** A whole number, 0 <= value < 2⁵³. */
export function numberField(number: number, value: number): EncodedField {
  return joined([varint(number * 8 + VARINT), varint(value)])
}

export function bytesField(number: number, bytes: Uint8Array): EncodedField {
  return joined([varint(number * 8 + LENGTH_DELIMITED), varint(bytes.length), bytes])
}

export function textField(number: number, text: string): EncodedField {
  return bytesField(number, new TextEncoder().encode(text))
}

export function messageField(number: number, fields: readonly EncodedField[]): EncodedField {
  return bytesField(number, joined(fields))
}

/** Fields one behind the other: a message. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let next = 0
  for (const part of parts) {
    bytes.set(part, next)
    next += part.length
  }
  return bytes
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Uint8Array.of(...bytes, rest)
}

/** The fields of one message, in order. A message inside it is bytes as yet. */
export type DecodedField = { readonly number: number; readonly value: number | Uint8Array }

/**
 * Takes one message apart. Allocates nothing beyond a view for each field, so its memory is bounded by the input. Fields of
 * fixed width, which no network of ours has, come as their bytes. Throws ONNX_UNREADABLE for bytes that are no message.
 */
export function fieldsOf(message: Uint8Array): readonly DecodedField[] {
  const fields: DecodedField[] = []
  let at = 0
  while (at < message.length) {
    const key = readVarint(message, at)
    const { value, end } = readValue(message, key.end, key.value % 8)
    fields.push({ number: Math.floor(key.value / 8), value })
    at = end
  }
  return fields
}

type Read<T> = { readonly value: T; readonly end: number }

function readValue(message: Uint8Array, at: number, wireType: number): Read<number | Uint8Array> {
  switch (wireType) {
    case VARINT:
      return readVarint(message, at)
    case LENGTH_DELIMITED: {
      const { value: length, end } = readVarint(message, at)
      return readBytes(message, end, length)
    }
    case FIXED_64:
      return readBytes(message, at, 8)
    case FIXED_32:
      return readBytes(message, at, 4)
    default:
      throw unreadable(`wire type ${wireType} at byte ${at} of a message`)
  }
}

function readBytes(message: Uint8Array, from: number, length: number): Read<Uint8Array> {
  const end = from + length
  if (end > message.length) throw unreadable(`a field of ${length} bytes where ${message.length - from} are left`)
  return { value: message.subarray(from, end), end }
}

function readVarint(message: Uint8Array, from: number): Read<number> {
  let value = 0
  let unit = 1
  for (let at = from; at < Math.min(message.length, from + 8); at++) {
    value += (message[at] % 128) * unit
    if (message[at] < 128 && value <= Number.MAX_SAFE_INTEGER) return { value, end: at + 1 }
    unit *= 128
  }
  throw unreadable(`no number of at most 53 bits at byte ${from} of a message`)
}

function unreadable(what: string): Fault {
  return new Fault(
    'ONNX_UNREADABLE',
    `The file is not an ONNX model: it has ${what}; give a file that a Spreadworks network was exported to.`,
    { exitCode: 2 },
  )
}
