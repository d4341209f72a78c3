import { z } from 'zod'
import type { Sql } from '#database/connection.client.ts'
import { WHY_NO_VALUE } from '#models/promotion.ts'
import type { ModelView } from './views.ts'

/** The pair models of a book, the promoted first, then by day, newest first; at most 500. */
export async function modelsOf(sql: Sql, book: string): Promise<ModelView[]> {
  const { rows } = await sql.query<ModelRow>(`${MODELS} where book = $1 order by is_promoted desc, day desc, pair limit 500`, [
    book,
  ])
  return rows.map(viewOf)
}

/** The model of this id, or undefined. */
export async function modelNamed(sql: Sql, id: string): Promise<ModelView | undefined> {
  const { rows } = await sql.query<ModelRow>(`${MODELS} where id = $1`, [id])
  return rows.map(viewOf).at(0)
}

type ModelRow = Omit<ModelView, 'scores' | 'gateReasons'> & { readonly scores: unknown; readonly gateReasons: unknown }

const Scores = z.record(z.string(), z.unknown())
const GateReasons = z.array(z.string())

function viewOf(row: ModelRow): ModelView {
  return { ...row, scores: figuresOf(Scores.parse(row.scores)), gateReasons: GateReasons.parse(row.gateReasons) }
}

type ScoreFigures = ModelView['scores']

/** Only the scores that are one number or a reason for none, named by their path (`test.f1`): matrices and lists belong to a model's own page. */
function figuresOf(scores: Readonly<Record<string, unknown>>, path = ''): ScoreFigures {
  const named = Object.entries(scores).flatMap(([name, value]): [string, ScoreFigures[string]][] => {
    if (typeof value === 'number') return [[`${path}${name}`, { kind: 'known', value }]]
    if (typeof value === 'string') return [[`${path}${name}`, { kind: 'unknown', reason: noValue(value) }]]
    const inner = Scores.safeParse(value)
    return inner.success && !Array.isArray(value) ? Object.entries(figuresOf(inner.data, `${path}${name}.`)) : []
  })
  return Object.fromEntries(named)
}

const WORDS: ReadonlyMap<string, string> = new Map(Object.entries(WHY_NO_VALUE))

function noValue(why: string): string {
  return `No value, since ${WORDS.get(why) ?? 'its record does not say why'}.`
}

const MODELS = `
  select id, pair, day::text as day, is_promoted as "isPromoted", gate_reasons as "gateReasons", scores, version,
    (extract(epoch from trained_at) * 1000)::float8 as "trainedAt"
  from spreadworks.pair_models`
