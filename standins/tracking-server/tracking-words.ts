/** What the searches of experiments and runs can be asked for. The name of an attribute is that of its column. */
import type { Attribute, Entity, Vocabulary } from './search-words.ts'

function wordsFor(entity: Entity, words: readonly string[]): (readonly [string, Entity])[] {
  return words.map((word) => [word, entity])
}

function attributes(kind: Attribute['kind'], names: readonly string[]): (readonly [string, Attribute])[] {
  return names.map((name) => [name, { name, kind }])
}

function aliases(words: readonly string[], attribute: Attribute): (readonly [string, Attribute])[] {
  return words.map((word) => [word, attribute])
}

const ATTRIBUTES = wordsFor('attribute', ['attribute', 'attributes', 'attr'])
const TAGS = wordsFor('tag', ['tag', 'tags'])

export const RUN_WORDS: Vocabulary = {
  entities: new Map([
    ...wordsFor('metric', ['metric', 'metrics']),
    ...wordsFor('param', ['parameter', 'parameters', 'param', 'params']),
    ...TAGS,
    ...ATTRIBUTES,
    ...wordsFor('attribute', ['run']),
    ...wordsFor('dataset', ['dataset', 'datasets']),
  ]),
  attributes: new Map([
    ...attributes('listed-text', ['run_id']),
    ...attributes('text', ['run_name', 'user_id', 'status', 'artifact_uri']),
    ...aliases(['run name', 'Run name', 'Run Name'], { name: 'run_name', kind: 'text' }),
    ...attributes('number', ['start_time', 'end_time']),
    ...aliases(['created', 'Created'], { name: 'start_time', kind: 'number' }),
  ]),
  datasetKeys: new Set(['name', 'digest', 'context']),
}

const EXPERIMENT_ATTRIBUTES = [...attributes('text', ['name']), ...attributes('number', ['creation_time', 'last_update_time'])]

export const EXPERIMENT_FILTER: Vocabulary = {
  entities: new Map([...ATTRIBUTES, ...TAGS]),
  attributes: new Map(EXPERIMENT_ATTRIBUTES),
}

export const EXPERIMENT_ORDER: Vocabulary = {
  entities: new Map(ATTRIBUTES),
  attributes: new Map([...EXPERIMENT_ATTRIBUTES, ...attributes('number', ['experiment_id'])]),
}
