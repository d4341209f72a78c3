/** What names and values may be, and how much one request may bring. */
import { invalid } from './refusal.ts'
import type { LoggedDataset, LoggedMetric } from './run-requests.ts'
import type { KeyValue } from './wire.ts'

const KEY_LETTERS = 250
const PARAM_LETTERS = 6000
const RUN_TAG_LETTERS = 8000
const EXPERIMENT_NAME_LETTERS = 500
const EXPERIMENT_TAG_LETTERS = 5000
const METRICS_A_BATCH = 1000
const PARAMS_OR_TAGS_A_BATCH = 100
const ENTRIES_A_BATCH = 1000
const NAME = /^[/\p{L}\p{N}_.\- :]*$/u

/** Throws a Refusal unless `key` is a name of this kind: of letters that paths may have, not too long, and no path to elsewhere. */
export function assertKey(kind: 'metric' | 'parameter' | 'tag', key: string): void {
  if (!NAME.test(key)) {
    throw invalid(
      `Invalid ${kind} name: '${key}'. Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    )
  }
  const path = resolved(key)
  if (path !== key || path === '.' || path.startsWith('..') || path.startsWith('/')) {
    throw invalid(
      `Invalid ${kind} name: '${key}'. Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${path}'`,
    )
  }
  assertLength(`${kind === 'metric' ? 'Metric' : kind === 'tag' ? 'Tag' : 'Param'} key`, key, KEY_LETTERS)
}

/** Where a path leads: without empty parts and single dots, each pair of dots taken back with what it leaves; a dot for nowhere. */
function resolved(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const place = `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`
  return place === '' ? '.' : place
}

/** Throws a Refusal where `text` has more than `most` letters. */
export function assertLength(what: string, text: string, most: number): void {
  if (text.length > most)
    throw invalid(`${what} '${text.slice(0, KEY_LETTERS)}' had length ${text.length}, which exceeded length limit of ${most}`)
}

/** A parameter as it is kept: an over-long value is cut, as the protocol's own server does by default, an over-long key refused. */
export function keptParam({ key, value }: KeyValue): KeyValue {
  assertKey('parameter', key)
  return { key, value: value.slice(0, PARAM_LETTERS) }
}

/** A run's tag as it is kept: an over-long value is cut, an over-long key refused. */
export function keptRunTag({ key, value }: KeyValue): KeyValue {
  assertKey('tag', key)
  return { key, value: value.slice(0, RUN_TAG_LETTERS) }
}

/** Throws a Refusal unless the metric can be kept: its name is one, and its time is not before 1970. */
export function assertMetric({ key, value, timestamp }: LoggedMetric): void {
  assertKey('metric', key)
  if (timestamp < 0)
    throw invalid(
      `Got invalid timestamp ${timestamp} for metric '${key}' (value=${value}). Timestamp must be a nonnegative long (64-bit integer) `,
    )
}

export type SentBatch = {
  readonly metrics: readonly LoggedMetric[]
  readonly params: readonly KeyValue[]
  readonly tags: readonly KeyValue[]
}

/** The batch as it is kept. Throws a Refusal for too much at once, for a key twice among the parameters, and what the others throw. */
export function keptBatch<T extends SentBatch>({ metrics, params, tags }: T): SentBatch {
  assertCount('metrics', metrics.length, METRICS_A_BATCH)
  assertCount('params', params.length, PARAMS_OR_TAGS_A_BATCH)
  assertCount('tags', tags.length, PARAMS_OR_TAGS_A_BATCH)
  assertCount('metrics, params, and tags', metrics.length + params.length + tags.length, ENTRIES_A_BATCH)
  metrics.forEach(assertMetric)
  const keys = params.map(({ key }) => key)
  const twice = keys.filter((key, at) => keys.indexOf(key) !== at)
  if (twice.length > 0) {
    throw invalid(
      `Duplicate parameter keys have been submitted: [${twice.map((key) => `'${key}'`).join(', ')}]. Please ensure the request contains only one param value per param key.`,
    )
  }
  return { metrics, params: params.map(keptParam), tags: tags.map(keptRunTag) }
}

function assertCount(what: string, count: number, most: number): void {
  if (count > most) {
    throw invalid(
      `A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
    )
  }
}

/** Throws a Refusal unless the experiment can be called so. */
export function assertExperimentName(name: string): void {
  if (name.length > EXPERIMENT_NAME_LETTERS)
    throw invalid(`Experiment name exceeds the maximum length of ${EXPERIMENT_NAME_LETTERS} characters`)
}

/** Throws a Refusal unless the tag can be kept on an experiment: nothing is cut there. */
export function assertExperimentTag({ key, value }: KeyValue): void {
  assertKey('tag', key)
  assertLength('Tag value', value, EXPERIMENT_TAG_LETTERS)
}

/** Throws a Refusal unless the data set, and its tags, can be kept. */
export function assertDataset({ dataset, tags }: LoggedDataset): void {
  assertLength('Dataset name', dataset.name, 500)
  assertLength('Dataset digest', dataset.digest, 36)
  assertLength('Dataset source', dataset.source, 65_535)
  assertLength('Dataset schema', dataset.schema ?? '', 1_048_575)
  assertLength('Dataset profile', dataset.profile ?? '', 16_777_215)
  for (const { key, value } of tags) {
    assertLength('Input tag key', key, 255)
    assertLength('Input tag value', value, 500)
  }
}
