import { createHash } from 'node:crypto'

/**
 * A UUID (version 5 form) that depends on `parts` alone: the same order of the same account has the same id on every
 * machine and in every run.
 */
export function uuidFrom(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha1').update(parts.join('\u0000')).digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

/** A whole number below 2⁴⁸ that depends on `parts` alone, where a wire wants a number for an id. */
export function numberFrom(...parts: readonly (string | number)[]): number {
  return Number.parseInt(
    uuidFrom(...parts)
      .replace(/-/g, '')
      .slice(0, 12),
    16,
  )
}
