/** What collecting a session came to. */
export type CollectorReport = {
  readonly bars: number
  readonly revised: number
  /** Breaks of the stream. */
  readonly gaps: number
  readonly repaired: number
  /** Symbols that still miss minutes in the end: the source did not answer for them. */
  readonly symbolsMissing: number
  /** The longest that a bar waited from its arrival until it was stored, milliseconds. */
  readonly slowestMs: number
}
