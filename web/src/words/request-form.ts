/** A form from a JSON schema: one field for each property, and the values that its texts stand for. */

import { count } from './figures.ts'
import { exactTime } from './times.ts'

export type FormField = {
  readonly name: string
  /** How it is filled in. `choice` has its options; `list` is text with commas; `json` is whatever has no simpler form. */
  readonly kind: 'text' | 'number' | 'word-or-number' | 'date' | 'flag' | 'choice' | 'list' | 'json'
  readonly options: readonly string[]
  readonly meaning: string
  /** What is taken when it is left empty, as text; empty when that is the flow's own affair. */
  readonly otherwise: string
}

type Schema = Readonly<Record<string, unknown>>

/** The fields of an object's JSON schema, in its order. */
export function fieldsOf(schema: Schema): FormField[] {
  return Object.entries(recordIn(schema.properties)).map(([name, property]) => fieldOf(name, recordIn(property)))
}

function fieldOf(name: string, property: Schema): FormField {
  const { description, default: otherwise } = property
  const options = Array.isArray(property.enum) ? property.enum.map(String) : []
  return {
    name,
    kind: kindOf(property, options),
    options,
    meaning: typeof description === 'string' ? description : '',
    otherwise: otherwise === undefined ? '' : textOf(otherwise),
  }
}

function kindOf(property: Schema, options: readonly string[]): FormField['kind'] {
  if (options.length > 0) return 'choice'
  if (property.format === 'date') return 'date'
  switch (property.type) {
    case 'string':
      return 'text'
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'flag'
    case 'array':
      return ['string', 'number', 'integer'].includes(String(recordIn(property.items).type)) ? 'list' : 'json'
    case 'object':
      return 'json'
    default:
      return 'word-or-number'
  }
}

/** A value as its field shows it. */
export function textOf(value: unknown): string {
  if (Array.isArray(value) && value.every((part) => typeof part !== 'object')) return value.join(', ')
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Epoch ms from 2001 on: no count of anything here comes near. */
const FIRST_INSTANT_MS = 1e12

/** A value of a run as a person reads it: instants in New York's time, counts with their separators. */
export function shownText(value: unknown): string {
  if (typeof value !== 'number' || !Number.isInteger(value)) return textOf(value)
  return value >= FIRST_INSTANT_MS ? exactTime(value) : count(value)
}

/** The values that filled-in fields stand for; empty ones are left out. What cannot be read goes as text, and the server says what is wrong. */
export function valuesOf(fields: readonly FormField[], texts: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const text = texts[field.name]?.trim() ?? ''
      return text === '' ? [] : [[field.name, valueFrom(field, text)]]
    }),
  )
}

function valueFrom({ kind }: FormField, text: string): unknown {
  switch (kind) {
    case 'number':
    case 'word-or-number':
      return Number.isFinite(Number(text)) ? Number(text) : text
    case 'flag':
      return text === 'true'
    case 'list':
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
    case 'json':
      return parsed(text)
    case 'text':
    case 'date':
    case 'choice':
      return text
    default:
      return kind satisfies never
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function recordIn(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
