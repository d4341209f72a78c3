import { decode } from '@msgpack/msgpack'

/** What a client may send: text or binary, whole or in fragments. */
type Payload = Buffer | ArrayBuffer | Buffer[]

/** The message, or undefined when it is not what the codec says: callers answer that as a wrong message. */
export function decodeMessage(payload: Payload, codec: 'json' | 'msgpack'): unknown {
  const bytes = bytesOf(payload)
  try {
    return codec === 'msgpack' ? decode(bytes) : JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

function bytesOf(payload: Payload): Buffer {
  if (Array.isArray(payload)) return Buffer.concat(payload)
  return Buffer.isBuffer(payload) ? payload : Buffer.from(payload)
}
