import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Sql } from '#database/connection.client.ts'
import type { Book } from '#domain/book.ts'
import { nameOf, type PairName } from '#domain/pair.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { contentHash, fromJson, type PairModel, toJson } from './pair-model.ts'
import type { Promotion } from './promotion.ts'
import { scoresToJson } from './scores-json.ts'

/** A model with its place: the book and the day that it decides in, and the screen that asked for it. */
export type ModelToSave = {
  readonly book: Book
  readonly day: SessionDate
  readonly screenId: string
  readonly model: PairModel
  readonly promotion: Promotion
}

export type StoredModel = {
  readonly id: string
  readonly pairName: PairName
  readonly model: PairModel
  readonly contentHash: string
  readonly isPromoted: boolean
  readonly gateReasons: readonly string[]
}

/** The id of a pair's model in a book on a day: the same wherever it is derived. */
export function modelId({
  book,
  day,
  pair,
}: {
  readonly book: Book
  readonly day: SessionDate
  readonly pair: PairName
}): string {
  return `model-${createHash('sha256')
    .update(JSON.stringify([book, day, pair]))
    .digest('hex')
    .slice(0, 24)}`
}

/**
 * Writes the model of a pair for a day of a book; answers its id. Writing the same model again changes nothing, another
 * one takes its place.
 */
export async function saveModel(sql: Sql, { book, day, screenId, model, promotion }: ModelToSave): Promise<string> {
  const pair = nameOf(model.pair)
  const id = modelId({ book, day, pair })
  const stored = toJson(model)
  await sql.query(SAVE_MODEL, [
    id,
    book,
    pair,
    model.pair.y,
    model.pair.x,
    day,
    screenId,
    JSON.stringify(stored.json),
    Buffer.from(stored.weights),
    JSON.stringify(scoresToJson(model.scores)),
    contentHash(stored),
    promotion.isPromoted,
    JSON.stringify(promotion.reasons),
  ])
  return id
}

/** The models of a book for a day, ascending by pair. */
export async function modelsFor(sql: Sql, book: Book, day: SessionDate): Promise<StoredModel[]> {
  const { rows } = await sql.query<ModelRow>(`${MODELS} where book = $1 and day = $2 order by pair collate "C"`, [book, day])
  return rows.map(modelOf)
}

/** The newest model of each of `pairs` from days of the book before `day`, ascending by pair. */
export async function newestModelsBefore(
  sql: Sql,
  { book, day, pairs }: { readonly book: Book; readonly day: SessionDate; readonly pairs: readonly PairName[] },
): Promise<StoredModel[]> {
  const { rows } = await sql.query<ModelRow>(
    `select * from (
       select distinct on (pair) ${MODEL_COLUMNS} from spreadworks.pair_models
       where book = $1 and day < $2 and pair = any($3) order by pair, day desc
     ) as newest order by pair collate "C"`,
    [book, day, pairs],
  )
  return rows.map(modelOf)
}

/** The model of this id, or undefined. */
export async function modelWithId(sql: Sql, id: string): Promise<StoredModel | undefined> {
  const { rows } = await sql.query<ModelRow>(`${MODELS} where id = $1`, [id])
  return rows.map(modelOf).at(0)
}

/** Records what a gate said of a model. */
export async function markPromoted(sql: Sql, id: string, { isPromoted, reasons }: Promotion): Promise<void> {
  await sql.query('update spreadworks.pair_models set is_promoted = $2, gate_reasons = $3 where id = $1', [
    id,
    isPromoted,
    JSON.stringify(reasons),
  ])
}

/** Records the run and the registered version under which the tracking server keeps a model. */
export async function markTracked(
  sql: Sql,
  id: string,
  { runId, version }: { readonly runId: string; readonly version: string },
): Promise<void> {
  await sql.query('update spreadworks.pair_models set run_id = $2, version = $3 where id = $1', [id, runId, version])
}

type ModelRow = {
  readonly id: string
  readonly pair: PairName
  readonly model: unknown
  readonly weights: Buffer
  readonly content_hash: string
  readonly is_promoted: boolean
  readonly gate_reasons: unknown
}

const GateReasons = z.array(z.string())

function modelOf(row: ModelRow): StoredModel {
  return {
    id: row.id,
    pairName: row.pair,
    model: fromJson({ json: row.model, weights: row.weights }),
    contentHash: row.content_hash,
    isPromoted: row.is_promoted,
    gateReasons: GateReasons.parse(row.gate_reasons),
  }
}

const MODEL_COLUMNS = 'id, pair, model, weights, content_hash, is_promoted, gate_reasons'
const MODELS = `select ${MODEL_COLUMNS} from spreadworks.pair_models`

const SAVE_MODEL = `
  insert into spreadworks.pair_models as kept
    (id, book, pair, y, x, day, screen_id, model, weights, scores, content_hash, is_promoted, gate_reasons)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  on conflict (id) do update set
    screen_id = excluded.screen_id, model = excluded.model, weights = excluded.weights, scores = excluded.scores,
    content_hash = excluded.content_hash, is_promoted = excluded.is_promoted, gate_reasons = excluded.gate_reasons,
    run_id = null, version = null, trained_at = now()
  where kept.content_hash is distinct from excluded.content_hash`
