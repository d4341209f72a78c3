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

describe('what is logged', () => {
  test('keeps of each metric the last by step, time and value, whatever the order of arrival', async () => {
    const run = await requests.newRun(experiment)
    const late = [metric('loss', 5, 3, 10), metric('loss', 4, 3, 11), metric('loss', 9, 2, 99)]
    await requests.ask('runs/log-batch', { run_id: run, metrics: late })
    await requests.ask('runs/log-batch', { run_id: run, metrics: [metric('loss', 8, 3, 10), metric('loss', 3, 3, 11)] })
    expect((await requests.dataOf(run)).metrics).toEqual([{ key: 'loss', value: 4, timestamp: 11, step: 3 }])
  })

  test('gives NaN back as text and infinities as the largest double', async () => {
    const run = await requests.newRun(experiment)
    const sent = [metric('nan', 'NaN'), metric('inf', 'Infinity'), metric('minus', '-Infinity'), metric('text', '0.5')]
    await requests.ask('runs/log-batch', { run_id: run, metrics: sent })
    expect(valuesOf((await requests.dataOf(run)).metrics)).toEqual({
      nan: 'NaN',
      inf: Number.MAX_VALUE,
      minus: -Number.MAX_VALUE,
      text: 0.5,
    })
  })

  test('has a history by time, step and value, without repetitions, page by page', async () => {
    const run = await requests.newRun(experiment)
    const sent = [
      metric('h', 2, 1, 5),
      metric('h', 1, 1, 5),
      metric('h', 1, 1, 5),
      metric('h', 7, 0, 6),
      metric('h', 'NaN', 9, 4),
    ]
    await requests.ask('runs/log-batch', { run_id: run, metrics: sent })
    await requests.ask('runs/log-batch', { run_id: run, metrics: sent })
    const history = (rest: string) => requests.ask(`metrics/get-history?run_id=${run}&metric_key=h${rest}`)
    expect(((await history('')).body.metrics as Json[]).map(({ value }) => value)).toEqual(['NaN', 1, 2, 7])
    const first = await history('&max_results=3')
    const second = await history(`&max_results=3&page_token=${encodeURIComponent(String(first.body.next_page_token))}`)
    expect(second.body).toEqual({ metrics: [{ key: 'h', value: 7, timestamp: 6, step: 0 }] })
    expect((await requests.ask(`metrics/get-history?run_id=${run}&metric_key=unknown`)).body).toEqual({ metrics: [] })
  })

  test('is sampled evenly over many runs, and every run keeps its first and last step', async () => {
    const runs = [await requests.newRun(experiment), await requests.newRun(experiment)]
    for (const [at, run] of runs.entries()) {
      const metrics = Array.from({ length: 100 - at }, (_, step) => metric('s', step, step + at * 3, step))
      await requests.ask('runs/log-batch', { run_id: run, metrics })
    }
    const query = `run_ids=${runs[0]}&run_ids=${runs[1]}&metric_key=s`
    const sampled = await requests.ask(`metrics/get-history-bulk-interval?${query}&max_results=10`)
    const stepsOf = (run: string | undefined) =>
      (sampled.body.metrics as Json[]).filter(({ run_id }) => run_id === run).map(({ step }) => step)
    expect(stepsOf(runs[0])).toEqual([0, 3, 11, 22, 33, 44, 55, 66, 77, 88, 99])
    expect(stepsOf(runs[1])?.slice(0, 2)).toEqual([3, 11])
    const within = await requests.ask(`metrics/get-history-bulk-interval?${query}&start_step=10&end_step=12`)
    expect((within.body.metrics as Json[]).map(({ step }) => step)).toEqual([10, 11, 12, 10, 11, 12])
    expect(await requests.refused(`metrics/get-history-bulk-interval?${query}&start_step=10`)).toMatch(
      /^400 .*both must be specified/,
    )
    const bulk = await fetch(
      `${server.url}/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=${runs[0]}&run_id=${runs[1]}&metric_key=s`,
    )
    expect(((await bulk.json()) as { metrics: Json[] }).metrics).toHaveLength(199)
  })

  test('keeps a parameter as it is first logged, also when two clients log it at once', async () => {
    const run = await requests.newRun(experiment)
    const log = (value: string) => requests.ask('runs/log-parameter', { run_id: run, key: 'lr', value })
    const tried = await Promise.all(['1', '2', '1', '2', '1'].map(log))
    const kept = String(valuesOf((await requests.dataOf(run)).params).lr)
    expect(tried.filter(({ status }) => status === 200)).toHaveLength(kept === '1' ? 3 : 2)
    expect(await requests.refused('runs/log-parameter', { run_id: run, key: 'lr', value: 'x' })).toBe(
      `400 INVALID_PARAMETER_VALUE: Changing param values is not allowed. Param with key='lr' was already logged with value='${kept}' for run ID='${run}'. Attempted logging new value 'x'.`,
    )
  })

  test('is kept of a batch whole or not at all', async () => {
    const run = await requests.newRun(experiment)
    await requests.ask('runs/log-parameter', { run_id: run, key: 'p', value: '1' })
    const batch = { run_id: run, metrics: [metric('m', 1)], params: [{ key: 'p', value: '2' }], tags: [{ key: 't', value: 'v' }] }
    expect((await requests.ask('runs/log-batch', batch)).status).toBe(400)
    const { metrics, tags } = await requests.dataOf(run)
    expect([metrics, valuesOf(tags).t]).toEqual([undefined, undefined])
  })

  test('is cut where a value is too long and refused where a key is', async () => {
    const run = await requests.newRun(experiment)
    const long = (letters: number) => 'x'.repeat(letters)
    await requests.ask('runs/log-batch', {
      run_id: run,
      params: [{ key: 'p', value: long(6001) }],
      tags: [{ key: 't', value: long(8001) }],
    })
    const { params, tags } = await requests.dataOf(run)
    expect([String(valuesOf(params).p).length, String(valuesOf(tags).t).length]).toEqual([6000, 8000])
    for (const key of [long(251), '../x', '/x', 'a//b', '.', 'a;b'])
      expect(await requests.refused('runs/log-metric', { run_id: run, ...metric(key, 1) })).toMatch(
        /^400 INVALID_PARAMETER_VALUE/,
      )
  })

  test('is refused where it is too much at once', async () => {
    const run = await requests.newRun(experiment)
    const many = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: '1' }))
    const metrics = (count: number) => Array.from({ length: count }, (_, i) => metric('m', i, i))
    expect(await requests.refused('runs/log-batch', { run_id: run, metrics: metrics(1001) })).toMatch(
      /at most 1000 metrics. Got 1001 metrics/,
    )
    expect(await requests.refused('runs/log-batch', { run_id: run, params: many(101) })).toMatch(
      /at most 100 params. Got 101 params/,
    )
    expect(await requests.refused('runs/log-batch', { run_id: run, tags: many(101) })).toMatch(/at most 100 tags. Got 101 tags/)
    expect(await requests.refused('runs/log-batch', { run_id: run, metrics: metrics(901), params: many(100) })).toMatch(
      /at most 1000 metrics, params, and tags/,
    )
    expect(await requests.refused('runs/log-batch', { run_id: run, params: [...many(1), ...many(1)] })).toMatch(
      /Duplicate parameter keys/,
    )
  })

  test('tells what a run was made from and what it made', async () => {
    const run = await requests.newRun(experiment)
    const dataset = { name: 'bars', digest: 'abc', source_type: 'local', source: '{}' }
    const tags = [{ key: 'mlflow.data.context', value: 'train' }]
    for (let twice = 0; twice < 2; twice++) {
      await requests.ask('runs/log-inputs', { run_id: run, datasets: [{ tags, dataset }], models: [{ model_id: 'm-1' }] })
      await requests.ask('runs/outputs', { run_id: run, models: [{ model_id: 'm-2', step: 4 }] })
    }
    expect((await requests.ask(`runs/get?run_id=${run}`)).body).toMatchObject({
      run: {
        inputs: { dataset_inputs: [{ tags, dataset }], model_inputs: [{ model_id: 'm-1' }] },
        outputs: { model_outputs: [{ model_id: 'm-2', step: 4 }] },
      },
    })
    expect((await requests.ask('experiments/search-datasets', { experiment_ids: [experiment] })).body).toEqual({
      dataset_summaries: [{ experiment_id: experiment, name: 'bars', digest: 'abc', context: 'train' }],
    })
    const found = await requests.ask('runs/search', {
      experiment_ids: [experiment],
      filter: "dataset.name IN ('bars') AND datasets.context = 'train'",
    })
    expect(found.body).toMatchObject({ runs: [{ info: { run_id: run } }] })
    const model = { artifact_path: 'model', flavors: {}, utc_time_created: 'now', run_id: run }
    for (let twice = 0; twice < 2; twice++)
      await requests.ask('runs/log-model', { run_id: run, model_json: JSON.stringify(model) })
    expect(JSON.parse(String(valuesOf((await requests.dataOf(run)).tags)['mlflow.log-model.history']))).toEqual([model, model])
  })
})
