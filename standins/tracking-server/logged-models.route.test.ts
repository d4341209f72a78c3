import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askMlflow } from '../../test/ask-mlflow.ts'
import { openTestServer, type TestTrackingServer } from '../../test/tracking-server.ts'

type Told = { readonly info: { readonly model_id: string; readonly name: string; readonly artifact_uri: string } }

let server: TestTrackingServer
let runId: string
beforeAll(async () => {
  server = await openTestServer()
  const { body } = await ask('POST', 'runs/create', { experiment_id: '0' })
  runId = (body.run as { info: { run_id: string } }).info.run_id
})
afterAll(() => server.close())

const ask = (...asked: [method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, fields?: object]) =>
  askMlflow(server.url, ...asked)

async function logged(name: string, fields: object = {}): Promise<Told['info']> {
  const { body } = await ask('POST', 'logged-models', { experiment_id: '0', name, source_run_id: runId, ...fields })
  return (body.model as Told).info
}

const metric = (model_id: string, key: string, value: number | string, more: object = {}) =>
  ask('POST', 'runs/log-metric', { run_id: runId, model_id, key, value, timestamp: 1, step: 0, ...more })

test('a logged model waits for its artifacts, has tags and parameters, and is ready by name or number', async () => {
  const { model_id, artifact_uri } = await logged('life', {
    params: [{ key: 'p', value: '1' }],
    tags: [{ key: 't', value: 'a' }],
  })
  expect(artifact_uri).toBe(`mlflow-artifacts:/0/models/${model_id}/artifacts`)
  await ask('PATCH', `logged-models/${model_id}/tags`, { tags: [{ key: 'u', value: 'b' }] })
  await ask('DELETE', `logged-models/${model_id}/tags/t`)
  await ask('POST', `logged-models/${model_id}/params`, { params: [{ key: 'q', value: '2' }] })
  await metric(model_id, 'f1', 'NaN')
  await metric(model_id, 'f1', 0.8, { step: 1, dataset_name: 'val', dataset_digest: 'd1' })
  for (const status of [3, 'LOGGED_MODEL_READY']) await ask('PATCH', `logged-models/${model_id}`, { model_id, status })
  const { body } = await ask('GET', `logged-models/${model_id}`)
  expect(body.model).toMatchObject({
    info: { status: 'LOGGED_MODEL_READY', tags: [{ key: 'u', value: 'b' }] },
    data: {
      params: [
        { key: 'p', value: '1' },
        { key: 'q', value: '2' },
      ],
      metrics: [
        { key: 'f1', value: 'NaN', run_id: runId, model_id },
        { key: 'f1', value: 0.8, step: 1, dataset_name: 'val', dataset_digest: 'd1' },
      ],
    },
  })
})

test('a deleted logged model is shown to those alone who ask for deleted ones', async () => {
  const { model_id } = await logged('gone')
  await ask('DELETE', `logged-models/${model_id}`)
  const refused = await ask('GET', `logged-models/${model_id}`)
  expect(refused).toMatchObject({ status: 404, body: { message: `Logged model with ID '${model_id}' not found.` } })
  expect((await ask('GET', `logged-models/${model_id}`, { allow_deleted: true })).status).toBe(200)
  expect((await metric('m-00000000000000000000000000000000', 'f1', 1)).status).toBe(404)
})

describe('a search for logged models', () => {
  beforeAll(async () => {
    for (const [index, name] of ['find_a', 'find_b', 'find_c'].entries()) {
      const { model_id } = await logged(name, { model_type: 'GRU', params: [{ key: 'size', value: `${index}` }] })
      await metric(model_id, 'auc', index / 2, index === 2 ? { dataset_name: 'val', dataset_digest: 'd' } : {})
      if (index === 0) await ask('PATCH', `logged-models/${model_id}`, { status: 'LOGGED_MODEL_READY' })
    }
  })

  const OURS = "model_type = 'GRU'"
  const byName = [{ field_name: 'name' }]
  const byAuc = [{ field_name: 'metrics.auc', ascending: false }]
  test.each([
    [OURS, { order_by: byName }, ['find_a', 'find_b', 'find_c']],
    [OURS, { order_by: byAuc }, ['find_c', 'find_b', 'find_a']],
    [`${OURS} AND metrics.auc >= 0.5`, { order_by: byName }, ['find_b', 'find_c']],
    [`${OURS} AND params.size = '1'`, {}, ['find_b']],
    [`${OURS} AND status = 'READY'`, {}, ['find_a']],
    [`${OURS} AND status != 'LOGGED_MODEL_PENDING'`, {}, ['find_a']],
    [OURS, { datasets: [{ dataset_name: 'val' }] }, ['find_c']],
    [`${OURS} AND metrics.auc < 1`, { datasets: [{ dataset_name: 'val' }] }, []],
    ["name IN ('find_b')", {}, ['find_b']],
  ])('where %s with %j', async (filter, more, names) => {
    const { body } = await ask('POST', 'logged-models/search', { experiment_ids: ['0'], filter, ...more })
    expect((body.models as Told[]).map(({ info }) => info.name)).toEqual(names)
  })

  test.each([
    [{ filter: "nobody = 'x'" }, /Invalid attribute key 'nobody'/],
    [{ filter: "metrics.auc LIKE 'x'" }, /Invalid comparator/],
    [{ order_by: [{ field_name: 'params.size' }] }, /Only metrics are supported/],
    [{ experiment_ids: [] }, /Missing value for required parameter 'experiment_ids'/],
    [{ datasets: [{}] }, /Missing value for required parameter 'datasets\[0\].dataset_name'/],
  ])('is refused with %j', async (fields, message) => {
    const { status, body } = await ask('POST', 'logged-models/search', { experiment_ids: ['0'], ...fields })
    expect({ status, message: body.message }).toEqual({ status: 400, message: expect.stringMatching(message) })
  })
})
