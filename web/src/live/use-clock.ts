import { useEffect, useState } from 'react'
import { bookTimeAt, type Heard } from './book-clock.ts'

const STEP_MS = 250

/** Wall time, moved on every second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** What the book's clock shows, to the second: wall time without a book, undefined while it is not known. */
export function useBookTime(heard: Heard | 'no-book' | undefined): number | undefined {
  const [at, setAt] = useState<number | undefined>(undefined)
  const [book, heardAt] = typeof heard === 'object' ? [heard.book, heard.heardAt] : [heard, undefined]
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was heard is new whenever its parts are
  useEffect(() => {
    const read = () => {
      const shown = heard === 'no-book' ? Date.now() : heard && bookTimeAt(heard, Date.now())
      setAt(shown === undefined ? undefined : Math.floor(shown / 1000) * 1000)
    }
    read()
    const timer = setInterval(read, STEP_MS)
    return () => clearInterval(timer)
  }, [book, heardAt])
  return at
}
