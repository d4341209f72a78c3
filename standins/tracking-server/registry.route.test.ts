import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askMlflow } from '../../test/ask-mlflow.ts'
import { openTestServer, type TestTrackingServer } from '../../test/tracking-server.ts'

const PROMPTS = "tag.`mlflow.prompt.is_prompt` != 'true'"
const SOURCE = 'mlflow-artifacts:/0/x/artifacts/model'

let server: TestTrackingServer
beforeAll(async () => {
  server = await openTestServer()
})
afterAll(() => server.close())

const ask = (...asked: [method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, fields?: object]) =>
  askMlflow(server.url, ...asked)

async function modelWith(name: string, versions: number): Promise<string> {
  await ask('POST', 'registered-models/create', { name, tags: [{ key: 'of', value: name }] })
  for (let i = 0; i < versions; i++) await ask('POST', 'model-versions/create', { name, source: SOURCE })
  return name
}

async function found(path: 'registered-models/search' | 'model-versions/search', fields: object): Promise<string[]> {
  const { body } = await ask('GET', path, fields)
  const rows = (body.registered_models ?? body.model_versions ?? []) as { name: string; version?: string }[]
  return rows.map(({ name, version }) => (version === undefined ? name : `${name}/${version}`))
}

describe('versions of a model', () => {
  test('move through stages, and a move that archives leaves one in the stage', async () => {
    const name = await modelWith('stages', 3)
    const move = (version: string, stage: string, archives = false) =>
      ask('POST', 'model-versions/transition-stage', { name, version, stage, archive_existing_versions: archives })
    await move('1', 'PRODUCTION')
    await move('2', 'production', true)
    const { body } = await ask('GET', 'registered-models/get', { name })
    expect(body.registered_model).toMatchObject({
      latest_versions: [
        { version: '1', current_stage: 'Archived' },
        { version: '2', current_stage: 'Production' },
        { version: '3', current_stage: 'None' },
      ],
    })
    const latest = await ask('GET', 'registered-models/get-latest-versions', { name, stages: ['Production', 'Staging'] })
    expect(latest.body.model_versions).toMatchObject([{ version: '2' }])
    expect((await move('1', 'nowhere')).body.message).toBe(
      'Invalid Model Version stage: nowhere. Value must be one of None, Staging, Production, Archived.',
    )
    expect((await move('1', 'Archived', true)).body.message).toMatch(/is not an Active stage/)
  })

  test('take over an alias from one another, and lose it when they are deleted', async () => {
    const name = await modelWith('aliases', 2)
    for (const version of ['1', '2']) await ask('POST', 'registered-models/alias', { name, alias: 'champion', version })
    await ask('POST', 'registered-models/alias', { name, alias: 'best', version: '2' })
    const { body } = await ask('GET', 'registered-models/alias', { name, alias: 'champion' })
    expect(body.model_version).toMatchObject({ version: '2', aliases: ['best', 'champion'] })
    expect((await ask('GET', 'registered-models/alias', { name, alias: 'latest' })).body.model_version).toMatchObject({
      version: '2',
    })
    await ask('DELETE', 'model-versions/delete', { name, version: '2' })
    const gone = await ask('GET', 'registered-models/alias', { name, alias: 'champion' })
    expect(gone).toMatchObject({ status: 400, body: { message: 'Registered model alias champion not found.' } })
    expect((await ask('POST', 'model-versions/create', { name, source: SOURCE })).body.model_version).toMatchObject({
      version: '2',
    })
  })

  test('go with a renamed model, with tags and aliases, and end with a deleted one', async () => {
    const name = await modelWith('before', 1)
    await ask('POST', 'registered-models/alias', { name, alias: 'a', version: 1 })
    await ask('POST', 'model-versions/set-tag', { name, version: '1', key: 'k', value: 'v' })
    await ask('POST', 'registered-models/rename', { name, new_name: 'after' })
    const { body } = await ask('GET', 'model-versions/get', { name: 'after', version: '1' })
    expect(body.model_version).toMatchObject({ name: 'after', aliases: ['a'], tags: [{ key: 'k', value: 'v' }] })
    expect((await ask('GET', 'registered-models/get', { name })).status).toBe(404)
    await ask('DELETE', 'registered-models/delete', { name: 'after' })
    expect((await ask('GET', 'model-versions/get', { name: 'after', version: '1' })).status).toBe(404)
  })

  test('of a logged model and of another version are where those are', async () => {
    const logged = await ask('POST', 'logged-models', { experiment_id: '0', name: 'net', source_run_id: 'the-run' })
    const { model_id, artifact_uri } = (logged.body.model as { info: Record<string, string> }).info
    const name = await modelWith('sources', 0)
    const made = await ask('POST', 'model-versions/create', { name, source: `models:/${model_id}`, model_id })
    expect(made.body.model_version).toMatchObject({ run_id: 'the-run', status: 'READY', model_id })
    await ask('POST', 'model-versions/create', { name, source: `models:/${name}/1` })
    for (const version of ['1', '2']) {
      const uri = await ask('GET', 'model-versions/get-download-uri', { name, version })
      expect(uri.body).toEqual({ artifact_uri })
    }
    const told = await ask('GET', `logged-models/${model_id}`)
    expect(told.body.model).toMatchObject({
      info: {
        registrations: [{ name, version: '1' }],
        tags: [{ key: 'mlflow.modelVersions', value: JSON.stringify([{ name, version: 1 }]).replace(/([:,])/g, '$1 ') }],
      },
    })
  })
})

describe('a search', () => {
  beforeAll(async () => {
    for (const name of ['find_a', 'find_b', 'find_c']) await modelWith(name, 2)
    const prompt = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }]
    await ask('POST', 'registered-models/create', { name: 'find_prompt', tags: prompt })
  })

  test.each([
    [`name LIKE 'find%' AND ${PROMPTS}`, [], ['find_a', 'find_b', 'find_c']],
    ["name ILIKE 'FIND%' and tags.of = 'find_b'", [], ['find_b']],
    ["name LIKE 'find%' AND tags.of != 'find_b'", ['name DESC'], ['find_c', 'find_a']],
    ["name IN ('find_a', 'none')", [], ['find_a']],
  ])('for models where %s, by %j', async (filter, order_by, names) => {
    expect(await found('registered-models/search', { filter, order_by })).toEqual(names)
  })

  test.each([
    ["name = 'find_a'", ['version_number DESC'], ['find_a/2', 'find_a/1']],
    ["name LIKE 'find%' and version_number > 1", ['name'], ['find_a/2', 'find_b/2', 'find_c/2']],
    [`name = 'find_a' and source_path = '${SOURCE}' and version_number < 2`, [], ['find_a/1']],
    ["name = 'find_a' and run_id = 'none'", [], []],
  ])('for versions where %s, by %j', async (filter, order_by, names) => {
    expect(await found('model-versions/search', { filter, order_by })).toEqual(names)
  })

  test('gives page after page, and no token with the last', async () => {
    const fields = { filter: "name LIKE 'find%'", max_results: 2 }
    const first = await ask('GET', 'registered-models/search', fields)
    const second = await ask('GET', 'registered-models/search', { ...fields, page_token: first.body.next_page_token })
    const names = [first, second].map(({ body }) => (body.registered_models as { name: string }[]).map(({ name }) => name))
    expect(names).toEqual([
      ['find_a', 'find_b'],
      ['find_c', 'find_prompt'],
    ])
    expect(second.body).not.toHaveProperty('next_page_token')
  })
})

describe('the registry refuses', () => {
  beforeAll(async () => {
    await modelWith('taken', 1)
  })

  test.each([
    ['POST', 'registered-models/create', {}, 400, "Missing value for required parameter 'name'"],
    ['POST', 'registered-models/create', { name: 'a/b' }, 400, "Invalid model name 'a/b'. Names cannot contain '/' or ':'."],
    ['POST', 'registered-models/create', { name: 'taken' }, 400, 'Registered Model (name=taken) already exists.'],
    ['GET', 'registered-models/get', { name: 'none' }, 404, 'Registered Model with name=none not found'],
    ['POST', 'registered-models/rename', { name: 'none', new_name: 'x' }, 404, 'Registered Model with name=none not found'],
    [
      'POST',
      'registered-models/rename',
      { name: 'taken', new_name: 'find_a' },
      400,
      'Registered Model (name=find_a) already exists.',
    ],
    ['GET', 'model-versions/get', { name: 'taken', version: '9' }, 404, 'Model Version (name=taken, version=9) not found'],
    ['GET', 'model-versions/get', { name: 'taken', version: 'x' }, 400, "Parameter 'version' must be an integer, got 'x'."],
    [
      'POST',
      'registered-models/alias',
      { name: 'taken', alias: 'v2', version: '1' },
      400,
      "Version alias name 'v2' is reserved.",
    ],
    [
      'POST',
      'registered-models/alias',
      { name: 'taken', alias: 'Latest', version: '1' },
      400,
      "'latest' alias name (case insensitive) is reserved.",
    ],
    [
      'POST',
      'registered-models/alias',
      { name: 'taken', alias: 'a b', version: '1' },
      400,
      "Invalid alias name: 'a b'. Names may only contain alphanumerics, underscores (_), and dashes (-).",
    ],
    [
      'POST',
      'registered-models/set-tag',
      { name: 'taken', key: 'k'.repeat(251), value: '' },
      400,
      "'key' exceeds the maximum length of 250 characters",
    ],
    [
      'GET',
      'registered-models/search',
      { max_results: 1001 },
      400,
      'Invalid value for request parameter max_results. It must be at most 1000, but got value 1001',
    ],
    [
      'GET',
      'registered-models/search',
      { filter: "run_id = 'x'" },
      400,
      "Invalid attribute key 'run_id' specified. Valid keys are ['name']",
    ],
    ['GET', 'model-versions/search', { page_token: 'x' }, 400, 'Invalid page token, could not base64-decode'],
  ] as const)('%s %s %j', async (method, path, fields, status, message) => {
    const refused = await ask(method, path, fields)
    expect({ status: refused.status, message: refused.body.message }).toEqual({ status, message })
  })

  test.each([
    'mlflow-artifacts:/../x',
    's3://bucket/a/%252e%252e/b',
    'http://host/a%00',
    '/etc/passwd',
    'file:///etc/passwd',
    'model',
    'models:/m-00000000000000000000000000000000',
    'models:/none/1',
  ])('a version from %s', async (source) => {
    const { status } = await ask('POST', 'model-versions/create', { name: 'taken', source })
    expect(status).toBe(source.startsWith('models:') ? 404 : 400)
  })
})
