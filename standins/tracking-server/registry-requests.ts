/** Requests of the model registry. */
import { z } from 'zod'
import { offsetFrom } from './page-token.ts'
import { int64, KeyValue, required } from './wire.ts'

const TAG_KEY_CHARACTERS = 250
const TAG_VALUE_CHARACTERS = 100_000
const ALIAS_CHARACTERS = 255
const MODELS_A_PAGE = 100
const MOST_MODELS_A_PAGE = 1000
const VERSIONS_A_PAGE = 10_000
const MOST_VERSIONS_A_PAGE = 200_000

const tag = KeyValue.extend({
  key: required('key').max(TAG_KEY_CHARACTERS, `'key' exceeds the maximum length of ${TAG_KEY_CHARACTERS} characters`),
  value: z.coerce
    .string()
    .max(TAG_VALUE_CHARACTERS, `'value' exceeds the maximum length of ${TAG_VALUE_CHARACTERS} characters`)
    .default(''),
})

/** A name that a model is given: with `/` or `:` in it, no `models:/…` address could name it. */
const newName = (parameter: string) =>
  required(parameter).refine((name) => !/[/:]/.test(name), {
    error: ({ input }) => `Invalid model name '${input}'. Names cannot contain '/' or ':'.`,
  })

const version = z.union([z.string(), z.number()], "Missing value for required parameter 'version'").transform((text, context) => {
  if (/^\d{1,9}$/.test(String(text))) return Number(text)
  const message = String(text) === '' ? "Missing value for required parameter 'version'" : notAnInteger(text)
  context.issues.push({ code: 'custom', message, input: text })
  return z.NEVER
})

function notAnInteger(text: string | number): string {
  return `Parameter 'version' must be an integer, got '${text}'.`
}

const alias = z
  .string('Registered model alias name cannot be empty.')
  .min(1, 'Registered model alias name cannot be empty.')
  .max(ALIAS_CHARACTERS, `'Registered model alias name' exceeds the maximum length of ${ALIAS_CHARACTERS} characters`)
  .refine((name) => /^[\p{L}\p{N}_-]*$/u.test(name), {
    error: ({ input }) =>
      `Invalid alias name: '${input}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
  })

/** The two kinds of name that mean something else in `models:/name@alias`. */
const newAlias = alias
  .refine((name) => name.toLowerCase() !== 'latest', "'latest' alias name (case insensitive) is reserved.")
  .refine((name) => !/^v\d+$/i.test(name), { error: ({ input }) => `Version alias name '${input}' is reserved.` })

/** A repeated field: GET sends one value as text, several as a list. */
const repeated = z.union([z.array(z.string()), z.string().transform((one) => [one])]).default([])

const truth = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])

/** The fields of a search whose pages hold `usual` rows unless told otherwise, and `most` at most. */
const search = (usual: number, most: number) => ({
  filter: z.string().default(''),
  order_by: repeated,
  max_results: int64
    .default(usual)
    .refine((rows) => rows >= 1, {
      error: ({ input }) => `Invalid value for max_results. It must be a positive integer, but got ${input}`,
    })
    .refine((rows) => rows <= most, {
      error: ({ input }) => `Invalid value for request parameter max_results. It must be at most ${most}, but got value ${input}`,
    }),
  page_token: z.string().optional(),
})

export const ModelNamed = z.object({ name: required('name') })
export const CreateModel = z.object({
  name: newName('name'),
  description: z.string().default(''),
  tags: z.array(tag).default([]),
})
export const RenameModel = ModelNamed.extend({ new_name: newName('new_name') })
export const UpdateModel = ModelNamed.extend({ description: z.string().default('') })
export const SetModelTag = tag.extend({ name: required('name') })
export const DeleteModelTag = z.object({ name: required('name'), key: required('key') })
export const SearchModels = z.object(search(MODELS_A_PAGE, MOST_MODELS_A_PAGE))
export const LatestVersions = ModelNamed.extend({ stages: repeated })
export const SetAlias = ModelNamed.extend({ alias: newAlias, version })
export const AliasNamed = ModelNamed.extend({ alias })

export const VersionNamed = z.object({ name: required('name'), version })
export const CreateVersion = z.object({
  name: required('name'),
  source: required('source'),
  run_id: z.string().default(''),
  model_id: z.string().default(''),
  run_link: z.string().default(''),
  description: z.string().default(''),
  tags: z.array(tag).default([]),
})
export const UpdateVersion = VersionNamed.extend({ description: z.string().default('') })
export const SetVersionTag = tag.extend(VersionNamed.shape)
export const DeleteVersionTag = VersionNamed.extend({ key: required('key') })
export const SearchVersions = z.object(search(VERSIONS_A_PAGE, MOST_VERSIONS_A_PAGE))
export const TransitionStage = VersionNamed.extend({
  stage: required('stage'),
  archive_existing_versions: truth.default(false),
})

/** What to look for, and from which row how many. */
export type RegistrySearch = {
  readonly filter: string
  readonly orderBy: readonly string[]
  readonly offset: number
  readonly limit: number
}

/** The search that a request asks for. Throws a Refusal for a page token that is none. */
export function searchOf({ filter, order_by, max_results, page_token }: z.output<typeof SearchModels>): RegistrySearch {
  return { filter, orderBy: order_by, offset: offsetFrom(page_token), limit: max_results }
}
