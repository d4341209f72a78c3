import { parseDocument } from 'yaml'
import { Fault, wrongRequest } from '#domain/fault.ts'
import { KEYS, nearest } from './keys.ts'

/** A value as somebody wrote it, and where: in a file, or the variable's name. */
export type Written = { readonly value: string | readonly string[]; readonly where: string }
/** What one place says, by the path of the setting. */
export type Layer = ReadonlyMap<string, Written>
export type SettingsText = { readonly path: string; readonly text: string }
export type Env = Readonly<Record<string, string | undefined>>

const PATHS = KEYS.map((key) => key.path)
const PARTS = [...new Set(PATHS.map((path) => path.split('.', 1)[0]))]
/** Names that programs of this kind usually share, with the setting that each stands for. */
const USUAL: Readonly<Record<string, string>> = { DATABASE_URL: 'database.url', MLFLOW_TRACKING_URI: 'tracking.uri' }
/** Variables of ours that are no settings: where the home is, and where the user's own file is. */
const PLACES = ['SPREADWORKS_HOME', 'SPREADWORKS_CONFIG']

/**
 * What a file says. Every value stays the text that it is written as, so that a ticker `TRUE` is not taken for a truth.
 * Throws SETTINGS_UNREADABLE for what is not YAML, SETTING_UNKNOWN for a key that does not exist.
 */
export function layerOfFile({ path, text }: SettingsText): Layer {
  const document = parseDocument(text, { schema: 'failsafe' })
  const [mistake] = document.errors
  if (mistake !== undefined) throw unreadable(path, mistake.message.split('\n', 1)[0])
  const layer = new Map<string, Written>()
  for (const [part, group] of entriesOf(document.toJS(), path)) {
    if (!PARTS.includes(part)) throw unknownKey({ name: part, where: path, known: PARTS })
    for (const [name, value] of entriesOf(group, `${path}, ${part}`)) {
      const key = `${part}.${name}`
      if (!PATHS.includes(key)) throw unknownKey({ name: key, where: path, known: PATHS })
      layer.set(key, { value: textOf(value, `${path}, ${key}`), where: path })
    }
  }
  return layer
}

/**
 * What the environment says: `SPREADWORKS_…` and the usual names; an empty variable says nothing. Throws SETTING_UNKNOWN for a
 * `SPREADWORKS_…` that does not exist, SETTING_TWICE when two variables contradict each other.
 */
export function layerOfEnvironment(env: Env): Layer {
  const paths = new Map([...KEYS.map((key) => [key.variable, key.path] as const), ...Object.entries(USUAL)])
  const layer = new Map<string, Written>()
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '' || PLACES.includes(name)) continue
    const path = paths.get(name)
    if (path !== undefined) layer.set(path, agreeing(layer.get(path), { value, where: name }))
    else if (name.startsWith('SPREADWORKS_')) {
      throw unknownKey({ name, where: 'the environment', known: [...KEYS.map((key) => key.variable), ...PLACES] })
    }
  }
  return layer
}

function agreeing(before: Written | undefined, now: Written): Written {
  if (before === undefined || before.value === now.value) return now
  throw wrongRequest(
    'SETTING_TWICE',
    `${before.where} and ${now.where} say different things of the same setting; keep one of them.`,
  )
}

function entriesOf(group: unknown, where: string): [string, unknown][] {
  if (group === null || group === '') return []
  if (typeof group === 'object' && !Array.isArray(group)) return Object.entries(group)
  throw unreadable(where, 'keys and values were expected here')
}

function textOf(value: unknown, where: string): string | readonly string[] {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw unreadable(where, 'one value or a list was expected here')
}

function unreadable(where: string, why: string): Fault {
  return new Fault('SETTINGS_UNREADABLE', `The settings in ${where} cannot be read: ${why}.`, { exitCode: 2 })
}

function unknownKey({ name, where, known }: { name: string; where: string; known: readonly string[] }): Fault {
  return wrongRequest('SETTING_UNKNOWN', `There is no setting ${name} (in ${where}); the nearest is ${nearest(name, known)}.`)
}
