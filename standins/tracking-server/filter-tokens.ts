/** The words of a filter: names with their quoting, texts, numbers, operators and what lists are made of. */
import { invalid } from './refusal.ts'

/** One part of a name between dots. */
export type NamePart = { readonly text: string; readonly isQuoted: boolean }

/** `source` is the token as it was written, for messages. */
export type Token = { readonly source: string } & (
  | { readonly kind: 'name'; readonly parts: readonly NamePart[] }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'operator' }
  | { readonly kind: 'punctuation' }
)

const PART = /(?:`(?:[^`]|``)*`|"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_]*)/u.source
const LATER_PART = /(?:`(?:[^`]|``)*`|"(?:[^"]|"")*"|[\p{L}\p{N}_]+)/u.source
const SPACE = /\s+/y
const FORMS = [
  { kind: 'name', pattern: new RegExp(`${PART}(?:\\.${LATER_PART})*`, 'uy') },
  { kind: 'text', pattern: /'(?:[^']|'')*'/y },
  { kind: 'number', pattern: /[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])/y },
  { kind: 'operator', pattern: /!=|<>|<=|>=|=|<|>/y },
  { kind: 'punctuation', pattern: /[(),]/y },
] as const

/** The tokens of `text` in their order; none for white space alone. Throws a Refusal that names what is no token. Takes time linear in the text. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = after(SPACE, text, 0); at < text.length; ) {
    const token = tokenAt(text, at)
    tokens.push(token)
    at = after(SPACE, text, at + token.source.length)
  }
  return tokens
}

function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function tokenAt(text: string, at: number): Token {
  for (const { kind, pattern } of FORMS) {
    const source = text.slice(at, after(pattern, text, at))
    if (source === '') continue
    if (kind === 'name') return { kind, source, parts: partsOf(source) }
    if (kind === 'text') return { kind, source, value: unquoted(source) }
    if (kind === 'number') return { kind, source, value: Number(source) }
    return { kind, source }
  }
  const [junk = ''] = /^\S{1,100}/u.exec(text.slice(at, at + 200)) ?? []
  throw invalid(`Invalid clause(s) in filter string: '${junk}'`)
}

const EACH_PART = new RegExp(LATER_PART, 'gu')

function partsOf(source: string): NamePart[] {
  return [...source.matchAll(EACH_PART)].map(([part]) => {
    const isQuoted = part.startsWith('`') || part.startsWith('"')
    return { isQuoted, text: isQuoted ? unquoted(part) : part }
  })
}

/** Within quotes a doubled quote stands for one. */
function unquoted(source: string): string {
  const quote = source.slice(0, 1)
  return source.slice(1, -1).replaceAll(quote + quote, quote)
}
