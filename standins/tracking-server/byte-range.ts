/** Bytes of a file, the first and the last of them included. */
export type ByteRange = { readonly first: number; readonly last: number }

/**
 * What a Range header asks of a file of `sizeBytes`: some of its bytes, bytes that it has not, or undefined for all of it, which is also
 * the answer to a header that is no single range of bytes. Source: RFC 9110, 14.
 */
export function rangeFrom(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const [, from, through] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (from === undefined || through === undefined || (from === '' && through === '')) return undefined
  const first = from === '' ? Math.max(0, sizeBytes - Number(through)) : Number(from)
  const last = from === '' || through === '' ? sizeBytes - 1 : Math.min(Number(through), sizeBytes - 1)
  if (from !== '' && through !== '' && Number(through) < first) return undefined
  return first > last ? 'unsatisfiable' : { first, last }
}
