/** Values made once and kept while there is room: those asked for last stay. */
export type Kept<Key, Value> = { readonly of: (key: Key) => Promise<Value> }

/**
 * Keeps what `make` gives for a key, up to `limit` in the sum of `sizeOf`; the value asked for last is kept whatever its size.
 * A value asked for twice at the same time is made once; one that cannot be made is asked for again the next time.
 */
export function createKept<Key, Value>(terms: {
  readonly limit: number
  readonly make: (key: Key) => Promise<Value>
  readonly sizeOf: (value: Value) => number
}): Kept<Key, Value> {
  const { limit, make, sizeOf } = terms
  const kept = new Map<Key, { readonly value: Promise<Value>; size: number }>()
  let total = 0
  const forget = (key: Key) => {
    total -= kept.get(key)?.size ?? 0
    kept.delete(key)
  }
  const begin = (key: Key) => {
    const entry = { value: make(key), size: 0 }
    entry.value.then(
      (value) => {
        if (kept.get(key) !== entry) return
        entry.size = sizeOf(value)
        total += entry.size
        for (const oldest of kept.keys()) {
          if (total <= limit || oldest === key) break
          forget(oldest)
        }
      },
      () => forget(key),
    )
    return entry
  }
  return {
    of: (key) => {
      const entry = kept.get(key) ?? begin(key)
      kept.delete(key)
      kept.set(key, entry)
      return entry.value
    },
  }
}
