import { createHash } from 'node:crypto'
import type { Sql } from '#database/connection.client.ts'
import type { Book } from '#domain/book.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'

export type Alert = {
  /** Undefined: about the system, not about a book. */
  readonly book: Book | undefined
  readonly at: EpochMs
  readonly severity: 'info' | 'warning' | 'critical'
  readonly title: string
  readonly body: string
}

/** Keeps an alert for the page; the same alert of the same instant is kept once. */
export async function saveAlert(sql: Sql, { book, at, severity, title, body }: Alert): Promise<void> {
  const id = createHash('sha256')
    .update([book ?? '', isoFrom(at), title, body].join('\n'))
    .digest('hex')
    .slice(0, 32)
  await sql.query(
    `insert into spreadworks.alerts (id, book, at, severity, title, body) values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing`,
    [id, book ?? null, isoFrom(at), severity, title, body],
  )
}
