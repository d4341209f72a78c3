import { z } from 'zod'
import { invalid } from './refusal.ts'

const Token = z.object({ offset: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) })

/** The token of the page that begins at `offset`: base64 of `{"offset": n}`, as the protocol's SQL store has it. */
export function tokenFor(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString('base64')
}

/** Where the page of `token` begins: 0 without a token. Throws a Refusal for anything else than `tokenFor` makes. */
export function offsetFrom(token: string | undefined): number {
  if (token === undefined || token === '') return 0
  try {
    return Token.parse(JSON.parse(Buffer.from(token, 'base64').toString())).offset
  } catch {
    throw invalid('Invalid page token, could not base64-decode')
  }
}

/** What a store asked for one row more than the page holds has found: the page, and the next one's token where there is one. */
export function paged<T>(found: readonly T[], { offset, limit }: { offset: number; limit: number }) {
  return found.length <= limit ? { rows: found } : { rows: found.slice(0, limit), next_page_token: tokenFor(offset + limit) }
}
