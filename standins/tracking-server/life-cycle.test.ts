import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Json, metric, type TrackingRequests, trackingRequests, valuesOf } from '../../test/tracking-requests.ts'
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

describe('an experiment', () => {
  test('lives, is deleted with its runs, and comes back with them', async () => {
    const id = await requests.newExperiment({ tags: [{ key: 'sector', value: 'Energy' }] })
    const run = await requests.newRun(id)
    expect((await requests.ask(`experiments/get?experiment_id=${id}`)).body).toMatchObject({
      experiment: {
        artifact_location: `mlflow-artifacts:/${id}`,
        lifecycle_stage: 'active',
        tags: [{ key: 'sector', value: 'Energy' }],
      },
    })
    expect(await requests.ask('experiments/delete', { experiment_id: id })).toEqual({ status: 200, body: {} })
    expect(await requests.refused('runs/create', { experiment_id: id })).toBe(
      `400 INVALID_PARAMETER_VALUE: The experiment ${id} must be in the 'active' state. Current state is deleted.`,
    )
    expect(await requests.refused('runs/log-metric', { run_id: run, ...metric('x', 1) })).toMatch(
      /^400 .*must be in the 'active' state/,
    )
    expect(await requests.refused('experiments/delete', { experiment_id: id })).toBe(
      `404 RESOURCE_DOES_NOT_EXIST: No Experiment with id=${id} exists`,
    )
    await requests.ask('experiments/restore', { experiment_id: id })
    expect((await requests.ask('runs/log-metric', { run_id: run, ...metric('x', 1) })).status).toBe(200)
  })

  test('is renamed, tagged and untagged, and its name stays its own', async () => {
    const [id, other] = [await requests.newExperiment(), await requests.newExperiment({ name: 'taken' })]
    await requests.ask('experiments/update', { experiment_id: id, new_name: 'renamed' })
    await requests.ask('experiments/set-experiment-tag', { experiment_id: id, key: 'k', value: 'v' })
    expect((await requests.ask('experiments/get-by-name?experiment_name=renamed')).body).toMatchObject({
      experiment: { experiment_id: id, tags: [{ key: 'k', value: 'v' }] },
    })
    await requests.ask('experiments/delete-experiment-tag', { experiment_id: id, key: 'k' })
    expect(await requests.refused('experiments/delete-experiment-tag', { experiment_id: id, key: 'k' })).toMatch(
      /^404 RESOURCE_DOES_NOT_EXIST/,
    )
    expect(await requests.refused('experiments/update', { experiment_id: other, new_name: 'renamed' })).toMatch(
      /^400 RESOURCE_ALREADY_EXISTS/,
    )
  })

  test('is found by name, by tag and by view, page by page, and the last page has no token', async () => {
    const ids = []
    for (const of of ['a', 'b', 'c'])
      ids.push(await requests.newExperiment({ name: `paged_${of}`, tags: [{ key: 'page', value: of }] }))
    const search = { filter: "name LIKE 'paged%'", order_by: ['name DESC'], max_results: 2 }
    const first = await requests.ask('experiments/search', search)
    expect((first.body.experiments as Json[]).map(({ name }) => name)).toEqual(['paged_c', 'paged_b'])
    const second = await requests.ask('experiments/search', { ...search, page_token: first.body.next_page_token })
    expect(second.body).toMatchObject({ experiments: [{ name: 'paged_a' }] })
    expect(second.body.next_page_token).toBeUndefined()
    expect((await requests.ask('experiments/search', { ...search, max_results: 3 })).body.next_page_token).toBeUndefined()
    expect((await requests.ask('experiments/search', { filter: "tags.page = 'b'" })).body).toMatchObject({
      experiments: [{ name: 'paged_b' }],
    })
    await requests.ask('experiments/delete', { experiment_id: ids[0] })
    expect(
      (await requests.ask('experiments/search?view_type=DELETED_ONLY&filter=tags.page%20ILIKE%20%27A%27')).body,
    ).toMatchObject({
      experiments: [{ name: 'paged_a' }],
    })
  })
})

describe('a run', () => {
  test('has one name, as a field and as a tag', async () => {
    const run = await requests.newRun(experiment, { tags: [{ key: 'mlflow.runName', value: 'first' }] })
    await requests.ask('runs/update', { run_id: run, run_name: 'second' })
    expect(valuesOf((await requests.dataOf(run)).tags)).toEqual({ 'mlflow.runName': 'second' })
    await requests.ask('runs/set-tag', { run_id: run, key: 'mlflow.runName', value: 'third' })
    expect((await requests.ask(`runs/get?run_uuid=${run}`)).body).toMatchObject({
      run: { info: { run_name: 'third', run_uuid: run } },
    })
    expect(
      await requests.refused('runs/create', {
        experiment_id: experiment,
        run_name: 'a',
        tags: [{ key: 'mlflow.runName', value: 'b' }],
      }),
    ).toMatch(/^400 INVALID_PARAMETER_VALUE: Both 'run_name' argument/)
    expect((await requests.ask('runs/create', { experiment_id: experiment })).body).toMatchObject({
      run: { info: { run_name: expect.stringMatching(/^\w+-\w+-\d+$/) } },
    })
  })

  test('ends with a status by name or by number, and is deleted and restored', async () => {
    const run = await requests.newRun(experiment)
    expect((await requests.ask('runs/update', { run_id: run, status: 3, end_time: '1700000001000' })).body).toMatchObject({
      run_info: { status: 'FINISHED', end_time: 1_700_000_001_000 },
    })
    await requests.ask('runs/delete', { run_id: run })
    expect(await requests.refused('runs/set-tag', { run_id: run, key: 'k', value: 'v' })).toMatch(/Current state is deleted/)
    await requests.ask('runs/restore', { run_id: run })
    expect((await requests.ask('runs/set-tag', { run_id: run, key: 'k', value: 'v' })).status).toBe(200)
    expect((await requests.ask('runs/delete-tag', { run_id: run, key: 'k' })).status).toBe(200)
    expect(await requests.refused('runs/delete-tag', { run_id: run, key: 'k' })).toMatch(
      /^404 RESOURCE_DOES_NOT_EXIST: No tag with name: k/,
    )
  })

  test('is created by many clients at once, and one wrong experiment among them is refused alone', async () => {
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        requests.ask('runs/create', { experiment_id: i === 7 ? '999999' : experiment, run_name: `at once ${i}` }),
      ),
    )
    expect(made.filter(({ status }) => status !== 200).map(({ body }) => body.error_code)).toEqual(['RESOURCE_DOES_NOT_EXIST'])
    expect(new Set(made.map(({ body }) => (body.run as { info: { run_id: string } } | undefined)?.info.run_id)).size).toBe(30)
  })
})
