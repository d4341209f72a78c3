/** What requests of MLflow's REST protocol are made of, as its clients send it: int64 as number or text, NaN and infinities as text. */
import { z } from 'zod'

const LARGEST = Number.MAX_VALUE

/** A whole number that a double holds exactly; beyond those no answer could repeat what was asked. */
export const int64 = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^-?\d{1,16}$/)
    .transform(Number)
    .pipe(z.number().int()),
])

export const double = z.union([
  z.number(),
  z
    .string()
    .regex(/^(?:NaN|-?Infinity|-?\d{1,400}(?:\.\d{1,400})?(?:[eE][-+]?\d{1,4})?)$/)
    .transform(Number),
])

/** A text that must be there; an empty one is not. Its absence is told in the protocol's words. */
export const required = (name: string) => {
  const missing = `Missing value for required parameter '${name}'`
  return z.string({ error: ({ input }) => (input === undefined ? missing : undefined) }).min(1, missing)
}

export const KeyValue = z.object({ key: required('key'), value: z.string().default('') })
export type KeyValue = { readonly key: string; readonly value: string }

/** Clients repeat a list's name in a query, once for each element. */
export const listOf = <T extends z.ZodType>(element: T) =>
  z.preprocess((sent) => (typeof sent === 'string' ? [sent] : sent), z.array(element).default([]))

export const viewType = z.enum(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL']).default('ACTIVE_ONLY')
export type ViewType = z.infer<typeof viewType>

/** The stages of a life that a view shows. */
export function stagesOf(view: ViewType): readonly ('active' | 'deleted')[] {
  switch (view) {
    case 'ACTIVE_ONLY':
      return ['active']
    case 'DELETED_ONLY':
      return ['deleted']
    case 'ALL':
      return ['active', 'deleted']
    default:
      return view satisfies never
  }
}

export type WireMetric = {
  readonly key: string
  readonly value: number | string
  readonly timestamp: number
  readonly step: number
}

/** A metric as it is stored: NaN is 0 with a mark. */
export type StoredMetric = {
  readonly key: string
  readonly value: number
  readonly is_nan: boolean
  readonly timestamp: number | string
  readonly step: number | string
}

/** A stored metric as the wire has it: NaN as text, infinities were clamped when stored. */
export function wireMetric({ key, value, is_nan, timestamp, step }: StoredMetric): WireMetric {
  return { key, value: is_nan ? 'NaN' : value, timestamp: Number(timestamp), step: Number(step) }
}

/** A metric's value as it is stored: NaN as zero with a mark, infinities as the largest double. */
export function storedValue(value: number): { readonly value: number; readonly isNan: boolean } {
  if (Number.isNaN(value)) return { value: 0, isNan: true }
  return { value: Math.min(LARGEST, Math.max(-LARGEST, value)), isNan: false }
}
