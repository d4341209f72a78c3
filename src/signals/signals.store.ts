import { z } from 'zod'
import type { Sql } from '#database/connection.client.ts'
import type { Book } from '#domain/book.ts'
import { nameOf, type Pair, pairNamed } from '#domain/pair.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import { probabilityOf } from '#strategy.ts'
import type { Signal } from './signal.ts'

/** Stands in the table for a signal that no model had a part in. */
const NO_MODEL = 'none'

/** Writes signals in one statement; one that is stored already stays as it is. Returns how many were new. */
export async function saveSignals(sql: Sql, signals: readonly Signal[]): Promise<number> {
  const { rowCount } = await sql.query(
    `insert into spreadworks.signals (id, book, at, pair, model_id, strategy, kind, confidence, z, probability, reasons, numbers)
     select * from jsonb_to_recordset($1) as t (id text, book text, at timestamptz, pair text, model_id text, strategy text,
       kind text, confidence float8, z float8, probability float8, reasons jsonb, numbers jsonb)
     on conflict do nothing`,
    [JSON.stringify(signals.map(rowOf))],
  )
  return rowCount ?? 0
}

function rowOf({ modelId, pair, at, ...signal }: Signal) {
  return { ...signal, at: isoFrom(at), pair: nameOf(pair), model_id: modelId ?? NO_MODEL }
}

/** The newest signal of every pair of a book, ascending by pair. */
export async function latestSignals(sql: Sql, book: Book): Promise<Signal[]> {
  const { rows } = await sql.query(
    `select distinct on (pair) * from spreadworks.signals where book = $1 order by pair, at desc`,
    [book],
  )
  return rows.map((row) => signalFrom(book, row))
}

/** The signals of a book made in [from, until], ascending by instant, then by pair. */
export async function signalsBetween(
  sql: Sql,
  book: Book,
  range: { readonly from: EpochMs; readonly until: EpochMs },
): Promise<Signal[]> {
  const { rows } = await sql.query(
    `select * from spreadworks.signals where book = $1 and at between $2 and $3 order by at, pair collate "C"`,
    [book, isoFrom(range.from), isoFrom(range.until)],
  )
  return rows.map((row) => signalFrom(book, row))
}

const PairText = z.string().transform((text, context): Pair => {
  const pair = pairNamed(text)
  if (pair !== undefined) return pair
  context.addIssue({ code: 'custom', message: `a pair is written y-x, got ${text}` })
  return z.NEVER
})

const Row = z.object({
  id: z.string(),
  at: z.date().transform((at) => epochMs(at.getTime())),
  pair: PairText,
  kind: z.enum(['enter-long', 'enter-short', 'exit', 'hold', 'stand-aside']),
  confidence: z.number().transform(probabilityOf),
  z: z.number().nullable(),
  probability: z.number().nullable(),
  reasons: z.array(z.string()),
  numbers: z.record(z.string(), z.number()),
  model_id: z.string(),
  strategy: z.string(),
})

function signalFrom(book: Book, row: unknown): Signal {
  const { model_id, z: zScore, probability, ...rest } = Row.parse(row)
  return {
    ...rest,
    book,
    z: zScore ?? undefined,
    probability: probability === null ? undefined : probabilityOf(probability),
    modelId: model_id === NO_MODEL ? undefined : model_id,
  }
}
