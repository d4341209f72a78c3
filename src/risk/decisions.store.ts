import { z } from 'zod'
import type { Sql } from '#database/connection.client.ts'
import type { Book } from '#domain/book.ts'
import { nameOf, type PairName } from '#domain/pair.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import type { RiskDecision } from './assess.ts'

/**
 * Writes what risk decided, in one statement; a decision that is stored already stays as it is. The signals must be
 * stored before. `reason` is the sentence for a person, `detail` holds the code, the figures and the legs.
 */
export async function saveDecisions(sql: Sql, book: Book, decisions: readonly RiskDecision[]): Promise<number> {
  const { rowCount } = await sql.query(
    `insert into spreadworks.risk_decisions (id, book, signal_id, at, pair, verdict, reason, detail)
     select id, $1, signal_id, at, pair, verdict, reason, detail from jsonb_to_recordset($2) as t (id text, signal_id text,
       at timestamptz, pair text, verdict text, reason text, detail jsonb)
     on conflict do nothing`,
    [book, JSON.stringify(decisions.map(rowOf))],
  )
  return rowCount ?? 0
}

/** A decision as it is stored: the same for the page, the certificate and the day's report. */
export type StoredDecision = {
  readonly at: EpochMs
  readonly pair: PairName
  readonly verdict: 'approved' | 'refused'
  /** Which limit refused; undefined for an approval. */
  readonly code: string | undefined
  readonly sentence: string | undefined
  readonly detail: unknown
}

/** What risk decided in a book in [from, until], ascending by instant, then by pair. */
export async function decisionsBetween(
  sql: Sql,
  book: Book,
  range: { readonly from: EpochMs; readonly until: EpochMs },
): Promise<StoredDecision[]> {
  const { rows } = await sql.query(
    `select at, pair, verdict, reason, detail, detail->>'code' as code from spreadworks.risk_decisions
     where book = $1 and at between $2 and $3 order by at, pair collate "C"`,
    [book, isoFrom(range.from), isoFrom(range.until)],
  )
  return rows.map((row) => Row.parse(row))
}

const Text = z
  .string()
  .nullable()
  .transform((text) => text ?? undefined)

const Row = z
  .object({
    at: z.date().transform((at) => epochMs(at.getTime())),
    pair: z.string(),
    verdict: z.enum(['approved', 'refused']),
    reason: Text,
    code: Text,
    detail: z.unknown(),
  })
  .transform(({ reason, ...row }) => ({ ...row, sentence: reason }))

function rowOf(decision: RiskDecision) {
  const { id, signalId, at, pair, kind, figures } = decision
  const row = { id, signal_id: signalId, at: isoFrom(at), pair: nameOf(pair), verdict: kind }
  if (decision.kind === 'refused') {
    return { ...row, reason: decision.sentence, detail: { ...pair, code: decision.reason, figures } }
  }
  const { purpose, legs } = decision.order
  return { ...row, reason: null, detail: { ...pair, purpose, legs, figures } }
}
