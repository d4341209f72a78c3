/** The grammar of order_by: `[entity.]key [ASC|DESC]`. */
import { isWord, type Name, nameFrom } from './filter-syntax.ts'
import { type Token, tokensOf } from './filter-tokens.ts'
import { invalid } from './refusal.ts'

/** `written` is the clause, for messages. */
export type OrderTerm = { readonly name: Name; readonly isAscending: boolean; readonly written: string }

/** What one clause of order_by asks for; ascending where it does not say. Throws a Refusal for anything else. */
export function parseOrder(clause: string): OrderTerm {
  const refused = () => invalid(`Invalid order_by clause '${clause}'`)
  const [first, direction, ...rest] = tokensIn(clause)
  const name = nameFrom(first)
  const isKnown = direction === undefined || isWord(direction, 'ASC') || isWord(direction, 'DESC')
  if (name === undefined || !isKnown || rest.length > 0) throw refused()
  return { name, isAscending: !isWord(direction, 'DESC'), written: clause }
}

function tokensIn(clause: string): Token[] {
  try {
    return tokensOf(clause)
  } catch {
    throw invalid(`Invalid order_by clause '${clause}'`)
  }
}
