/** What the searches of the model registry can be asked for. A key of an attribute is the name of its column. */
import type { Attribute, Entity, Vocabulary } from './search-words.ts'

const ENTITIES: ReadonlyMap<string, Entity> = new Map([
  ...['attribute', 'attributes', 'attr'].map((word) => [word, 'attribute'] as const),
  ...['tag', 'tags'].map((word) => [word, 'tag'] as const),
])
const ATTRIBUTES_ONLY: ReadonlyMap<string, Entity> = new Map([...ENTITIES].filter(([, entity]) => entity === 'attribute'))

function attributes(kind: Attribute['kind'], names: Readonly<Record<string, string>>): (readonly [string, Attribute])[] {
  return Object.entries(names).map(([word, name]) => [word, { name, kind }])
}

export const MODEL_FILTER: Vocabulary = { entities: ENTITIES, attributes: new Map(attributes('listed-text', { name: 'name' })) }

export const MODEL_ORDER: Vocabulary = {
  entities: ATTRIBUTES_ONLY,
  attributes: new Map([
    ...attributes('text', { name: 'name' }),
    ...attributes('number', {
      last_updated_timestamp: 'last_updated_timestamp',
      timestamp: 'last_updated_timestamp',
      creation_timestamp: 'creation_timestamp',
    }),
  ]),
}

export const VERSION_FILTER: Vocabulary = {
  entities: ENTITIES,
  attributes: new Map([
    ...attributes('listed-text', { name: 'name', run_id: 'run_id' }),
    ...attributes('text', { source_path: 'source' }),
    ...attributes('number', { version_number: 'version' }),
  ]),
}

export const VERSION_ORDER: Vocabulary = {
  entities: ATTRIBUTES_ONLY,
  attributes: new Map([
    ...attributes('text', { name: 'name' }),
    ...attributes('number', {
      version_number: 'version',
      creation_timestamp: 'creation_timestamp',
      last_updated_timestamp: 'last_updated_timestamp',
    }),
  ]),
}
