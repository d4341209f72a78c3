import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { epochMs } from '#domain/units.ts'
import { connectTracking } from '#tracking/tracking.client.ts'
import { openTestServer, type TestTrackingServer } from '../../test/tracking-server.ts'

let server: TestTrackingServer

beforeAll(async () => {
  server = await openTestServer()
})
afterAll(() => server.close())

const AT = epochMs(1_522_245_000_000)

async function ask(path: string, body?: object) {
  const reply = await fetch(
    `${server.url}${path}`,
    body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
  )
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
}

describe('a training run over the protocol', () => {
  test('keeps its parameters, its last metric by step, and its artifacts', async () => {
    const tracking = connectTracking(server.url)
    const experimentId = await tracking.experimentNamed('pairs_trading/Energy')
    expect(await tracking.experimentNamed('pairs_trading/Energy')).toBe(experimentId)
    const run = await tracking.startRun({ experimentId, name: 'GRU_Training_XOM-CVX', startedAt: AT, tags: { pair: 'XOM-CVX' } })
    const loss = [0.7, 0.6, Number.NaN].map((value, step) => ({ key: 'loss', value, step, at: AT }))
    await tracking.log(run.runId, { metrics: loss, params: { seed: '7' } })
    await tracking.saveArtifact(run, 'model/weights.bin', Uint8Array.of(1, 2, 3))
    await tracking.finishRun(run.runId, epochMs(AT + 1000))

    const stored = await ask(`/api/2.0/mlflow/runs/get?run_id=${run.runId}`)
    expect(stored.body).toMatchObject({
      run: {
        info: { status: 'FINISHED', run_name: 'GRU_Training_XOM-CVX', start_time: AT, end_time: AT + 1000 },
        data: { params: [{ key: 'seed', value: '7' }], metrics: [{ key: 'loss', value: 'NaN', step: 2 }] },
      },
    })
    const artifact = await fetch(
      `${server.url}/api/2.0/mlflow-artifacts/artifacts/${experimentId}/${run.runId}/artifacts/model/weights.bin`,
    )
    expect([...new Uint8Array(await artifact.arrayBuffer())]).toEqual([1, 2, 3])
  })

  test('gives each registered version its own number, also to two askers at once', async () => {
    const tracking = connectTracking(server.url)
    const version = () =>
      tracking.registerVersion({ name: 'pair_XOM-CVX', source: 'mlflow-artifacts:/1/x/artifacts/model', runId: '' })
    expect((await Promise.all([version(), version(), version()])).sort()).toEqual(['1', '2', '3'])
  })
})

describe('the protocol refuses', () => {
  test('an unknown experiment with 404 and the code that clients wait for', async () => {
    const { status, body } = await ask('/api/2.0/mlflow/experiments/get-by-name?experiment_name=nobody')
    expect({ status, code: body.error_code }).toEqual({ status: 404, code: 'RESOURCE_DOES_NOT_EXIST' })
  })

  test('a name taken before with 400 RESOURCE_ALREADY_EXISTS', async () => {
    await ask('/api/2.0/mlflow/experiments/create', { name: 'twice' })
    const { status, body } = await ask('/api/2.0/mlflow/experiments/create', { name: 'twice' })
    expect({ status, code: body.error_code }).toEqual({ status: 400, code: 'RESOURCE_ALREADY_EXISTS' })
  })

  test('a missing name in the words that clients know', async () => {
    const { status, body } = await ask('/api/2.0/mlflow/experiments/create', {})
    expect({ status, message: body.message }).toEqual({ status: 400, message: "Missing value for required parameter 'name'" })
  })

  test('a changed parameter, and keeps nothing of its batch', async () => {
    const tracking = connectTracking(server.url)
    const run = await tracking.startRun({ experimentId: '0', name: 'params', startedAt: AT, tags: {} })
    await tracking.log(run.runId, { metrics: [], params: { depth: '2' } })
    const { status, body } = await ask('/api/2.0/mlflow/runs/log-batch', {
      run_id: run.runId,
      params: [
        { key: 'width', value: '64' },
        { key: 'depth', value: '3' },
      ],
    })
    expect({ status, code: body.error_code }).toEqual({ status: 400, code: 'INVALID_PARAMETER_VALUE' })
    const stored = await ask(`/api/2.0/mlflow/runs/get?run_id=${run.runId}`)
    expect(stored.body).toMatchObject({ run: { data: { params: [{ key: 'depth', value: '2' }] } } })
  })

  test.each(['../secrets', 'a/%2e%2e/b', 'a//b', 'C:/x', 'a/./b'])('the artifact path %s', async (path) => {
    const reply = await fetch(`${server.url}/api/2.0/mlflow-artifacts/artifacts?path=${encodeURIComponent(path)}`)
    expect(reply.status).toBe(400)
  })
})
