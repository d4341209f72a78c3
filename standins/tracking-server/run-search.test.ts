import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestServer, type TestTrackingServer } from '../../test/tracking-server.ts'

type Found = {
  readonly runs: readonly { readonly info: { readonly run_name: string } }[]
  readonly next_page_token?: string
  readonly message?: string
}

let server: TestTrackingServer
let experiment: string

async function post<T>(path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`${server.url}/api/2.0/mlflow/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return (await reply.json()) as T
}

const search = (fields: object) => post<Found>('runs/search', { experiment_ids: [experiment], ...fields })
const names = async (fields: object) => (await search(fields)).runs.map(({ info }) => info.run_name)
/** The names, in their order, of the runs that a filter holds for. */
const matching = async (filter: string) => (await names({ filter, order_by: ['run_name'] })).join('')

type Seed = {
  readonly name: string
  readonly loss?: number | string
  readonly lr?: string
  readonly pair?: string
  readonly status?: string
}
const SEEDS: readonly Seed[] = [
  { name: 'a', loss: 0.1, lr: '0.1', pair: 'XOM-CVX', status: 'FINISHED' },
  { name: 'b', loss: 0.5, lr: '0.10', pair: 'xom-cvx' },
  { name: 'c', loss: 'NaN', lr: 'it\'s "so"', pair: '100%_\\' },
  { name: 'd', lr: `${'x'.repeat(80)}1` },
  { name: 'e', loss: -2, lr: `${'x'.repeat(80)}2`, status: 'FAILED' },
]

beforeAll(async () => {
  server = await openTestServer()
  experiment = (await post<{ experiment_id: string }>('experiments/create', { name: 'searched' })).experiment_id
  for (const [at, { name, loss, lr, pair, status }] of SEEDS.entries()) {
    const made = { experiment_id: experiment, run_name: name, start_time: 1000 + at }
    const { run } = await post<{ run: { info: { run_id: string } } }>('runs/create', made)
    const { run_id } = run.info
    await post('runs/log-batch', {
      run_id,
      metrics: loss === undefined ? [] : [{ key: 'val/loss x', value: loss, timestamp: 1 }],
      params: lr === undefined ? [] : [{ key: 'lr', value: lr }],
      tags: pair === undefined ? [] : [{ key: 'mlflow.pair', value: pair }],
    })
    if (status !== undefined) await post('runs/update', { run_id, status, end_time: 2000 - at })
  }
})
afterAll(() => server.close())

describe('runs are found by', () => {
  test.each([
    ['metrics.`val/loss x` < 0.5', 'ae'],
    ['metric."val/loss x" >= -2 AND metrics.`val/loss x` <= 1e-1', 'ae'],
    ['metrics.`val/loss x` = 0.5', 'b'],
    ['metrics.`val/loss x` != 0.5', 'ace'],
    ['metrics.unknown > 0', ''],
    ["params.lr = '0.1'", 'a'],
    [`param.lr = '${'x'.repeat(80)}1'`, 'd'],
    ["parameters.lr != '0.1'", 'bcde'],
    [`params.lr = 'it''s "so"'`, 'c'],
    ["params.lr LIKE '0.1_'", 'b'],
    ["tags.mlflow.pair LIKE 'XOM%'", 'a'],
    ["tag.`mlflow.pair` ILIKE '%cvx'", 'ab'],
    ["tags.mlflow.pair = '100%_\\'", 'c'],
    ["tags.mlflow.pair LIKE '%\\'", 'c'],
    ["tags.mlflow.pair != 'XOM-CVX'", 'bc'],
    ["status = 'FINISHED'", 'a'],
    ["attributes.status != 'RUNNING' and run.run_name like '%'", 'ae'],
    ['start_time > 1001 and Created <= 1003', 'cd'],
    ['attr.end_time > 0', 'ae'],
    ['"Run Name" in (\'a\', "c", \'z\')', undefined],
    ["`run name` = 'b'", 'b'],
    ["tags.mlflow.runName = 'b'", 'b'],
  ])('%s', async (filter, expected) => {
    if (expected === undefined)
      expect((await search({ filter })).message).toMatch(/Only the 'run_id' attribute supports comparison with a list/)
    else expect(await matching(filter)).toBe(expected)
  })

  test('their ids, among and not among', async () => {
    const { runs } = (await search({ filter: "run_name = 'b'" })) as unknown as { runs: { info: { run_id: string } }[] }
    const id = runs[0]?.info.run_id ?? ''
    expect(await matching(`run_id IN ('${id}', 'nobody')`)).toBe('b')
    expect(await matching(`attributes.run_id not in ('${id}')`)).toBe('acde')
  })

  test.each([
    ["'); drop table mlflow.runs; --", /^Invalid clause/],
    ["params.lr = ''' or 1 = 1 --'", undefined],
    ["metrics.x = '1'", /^Expected numeric value type for metric. Found '1'/],
    ['params.lr = 1', /^Expected a quoted string value for parameter \(e.g. 'my-value'\). Got value 1/],
    ["params.lr > '1'", /^Invalid comparator '>' not one of/],
    ["foo.bar = 'x'", /^Invalid entity type 'foo'. Valid values are/],
    ["colour = 'x'", /^Invalid attribute key 'colour' specified. Valid keys are/],
    ["start_time = 'x'", /^Expected numeric value type for numeric attribute: start_time. Found 'x'/],
    ["dataset.colour = 'x'", /^Invalid dataset key 'colour' specified/],
  ])('nothing for %s', async (filter, message) => {
    const found = await search({ filter })
    if (message === undefined) expect(found.runs).toEqual([])
    else expect(found.message).toMatch(message)
  })
})

describe('runs are ordered', () => {
  test.each([
    [[], 'edcba'],
    [['metrics.`val/loss x`'], 'eabcd'],
    [['metrics.`val/loss x` DESC'], 'baecd'],
    [['params.lr desc'], 'edcba'],
    [['tags.mlflow.pair'], 'cabed'],
    [['end_time ASC'], 'eadcb'],
    [['status', 'start_time'], 'eabcd'],
    [['metrics.none', 'run_name'], 'abcde'],
  ])('by %j', async (order_by, expected) => {
    expect((await names({ order_by })).join('')).toBe(expected)
  })

  test('and given page by page, each once', async () => {
    const seen: string[] = []
    let page_token: string | undefined
    do {
      const found = await search({ max_results: 2, order_by: ['metrics.`val/loss x`'], page_token })
      seen.push(...found.runs.map(({ info }) => info.run_name))
      page_token = found.next_page_token
    } while (page_token !== undefined)
    expect(seen.join('')).toBe('eabcd')
    expect((await search({ max_results: 5 })).next_page_token).toBeUndefined()
  })

  test.each(['metrics.a sideways', 'datasets.name', ''])('not by %j', async (clause) => {
    expect((await search({ order_by: [clause] })).message).toMatch(/^Invalid order_by clause/)
  })
})

test('a run that was written since it was last found is found as it is now', async () => {
  const tagged = async () => JSON.stringify((await search({ filter: "run_name = 'a'" })).runs).includes('"since"')
  expect(await tagged()).toBe(false)
  const { runs } = (await search({ filter: "run_name = 'a'" })) as unknown as { runs: { info: { run_id: string } }[] }
  await post('runs/set-tag', { run_id: runs[0]?.info.run_id, key: 'since', value: '1' })
  expect(await tagged()).toBe(true)
})

test('deleted runs are found where they are asked for', async () => {
  const { runs } = (await search({ filter: "run_name = 'd'" })) as unknown as { runs: { info: { run_id: string } }[] }
  await post('runs/delete', { run_id: runs[0]?.info.run_id })
  expect(await names({})).not.toContain('d')
  expect(await names({ run_view_type: 'DELETED_ONLY' })).toEqual(['d'])
  expect(await names({ run_view_type: 'ALL' })).toHaveLength(5)
  expect((await search({ experiment_ids: [] })).runs).toEqual([])
})
