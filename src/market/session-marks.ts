import type { TableRow } from '#domain/bar-table.ts'
import type { BarTable } from '#domain/bars.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type MinuteBits, noMinutes, setMinute } from './minute-bits.ts'

/** Which minutes of one session came in for each symbol, of which some were expected: 390 bytes a symbol. */
export type SessionMarks = {
  readonly note: (rows: Iterable<Pick<TableRow, 'symbol' | 'openedAt'>>) => void
  /** The minutes that came so far, for every symbol expected or seen. */
  readonly marks: () => { readonly symbol: Symbol_; readonly present: MinuteBits; readonly repaired: MinuteBits }[]
}

export function sessionMarks(session: Session, expected: readonly Symbol_[]): SessionMarks {
  const none = noMinutes(session)
  const present = new Map<Symbol_, MinuteBits>(expected.map((symbol) => [symbol, noMinutes(session)]))
  return {
    note: (rows) => {
      for (const { symbol, openedAt } of rows) {
        const bits = present.get(symbol) ?? noMinutes(session)
        present.set(symbol, bits)
        setMinute(bits, session, openedAt)
      }
    },
    marks: () => [...present].map(([symbol, bits]) => ({ symbol, present: bits, repaired: none })),
  }
}

/** The symbol and opening of every row of a table. */
export function* openingsOf({ symbols, symbolIndex, openedAt }: BarTable): Iterable<Pick<TableRow, 'symbol' | 'openedAt'>> {
  for (let i = 0; i < openedAt.length; i++) yield { symbol: symbols[symbolIndex[i]], openedAt: openedAt[i] }
}
