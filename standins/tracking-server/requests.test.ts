import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TrackingRequests, trackingRequests } from '../../test/tracking-requests.ts'
import { openTestServer, type TestTrackingServer } from '../../test/tracking-server.ts'

let server: TestTrackingServer
let requests: TrackingRequests
let experiment: string

beforeAll(async () => {
  server = await openTestServer()
  requests = trackingRequests(server.url)
  experiment = await requests.newExperiment()
})
afterAll(() => server.close())

describe('a request', () => {
  test.each([
    ['runs/log-batch', {}, "Missing value for required parameter 'run_id'"],
    ['experiments/create', { name: 123 }, "Invalid value 123 for parameter 'name' supplied"],
    ['experiments/create', { name: '' }, "Missing value for required parameter 'name'"],
    ['experiments/create', { name: 'x', tags: '5' }, 'Invalid value "5" for parameter \'tags\' supplied'],
    ['runs/log-metric', { run_id: 'a', key: 'k', timestamp: 1 }, "Missing value for required parameter 'value'"],
    [
      'runs/log-metric',
      { run_id: 'a', key: 'k', timestamp: 1, value: 'x' },
      'Invalid value "x" for parameter \'value\' supplied',
    ],
    [
      'runs/log-batch',
      { run_id: 'a', metrics: [{ key: 'k', value: 1 }] },
      "Missing value for required parameter 'metrics[0].timestamp'",
    ],
    ['runs/search', { max_results: 50_001 }, "Invalid value 50001 for parameter 'max_results' supplied"],
    ['runs/search', { page_token: 'x' }, 'Invalid page token, could not base64-decode'],
  ])('%s of %j is refused in the protocol’s words', async (path, body, message) => {
    expect(await requests.refused(path, body)).toBe(`400 INVALID_PARAMETER_VALUE: ${message}`)
  })

  test('with text that PostgreSQL cannot hold is refused, and harms nobody who asks at the same time', async () => {
    const [first, second] = [await requests.newRun(experiment), await requests.newRun(experiment)]
    const replies = await Promise.all([
      requests.ask('runs/set-tag', { run_id: first, key: 'k', value: 'a' }),
      requests.ask('runs/set-tag', { run_id: second, key: 'k', value: 'nul \0' }),
      requests.ask('runs/set-tag', { run_id: await requests.newRun(experiment), key: 'k', value: 'a' }),
    ])
    expect(replies.map(({ status }) => status)).toEqual([200, 400, 200])
  })

  test('is read also as JSON within JSON, without a body, and without a type, but not as another type', async () => {
    const post = (body: string | undefined, headers: Record<string, string>) =>
      fetch(`${server.url}/api/3.0/mlflow/experiments/search`, {
        method: 'POST',
        headers,
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
      })
    const json = { 'content-type': 'application/json; charset=utf-8' }
    const statuses = [
      await post(JSON.stringify(JSON.stringify({ max_results: 1 })), json),
      await post(undefined, json),
      await post('{"max_results": 1}', {}),
      await post('{"max_results": 1}', { 'content-type': 'text/plain' }),
      await post('{', json),
    ].map(({ status }) => status)
    expect(statuses).toEqual([200, 200, 200, 400, 400])
  })

  test('for another endpoint finds none', async () => {
    expect(await requests.refused('traces/search', {})).toMatch(/^404 ENDPOINT_NOT_FOUND/)
  })
})
