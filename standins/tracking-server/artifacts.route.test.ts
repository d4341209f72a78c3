import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askMlflow } from '../../test/ask-mlflow.ts'
import { openTestServer, type TestTrackingServer } from '../../test/tracking-server.ts'

const MOST_BYTES = 100_000

let server: TestTrackingServer
let root: string
beforeAll(async () => {
  server = await openTestServer({ mostArtifactBytes: MOST_BYTES })
  root = `${server.url}/api/2.0/mlflow-artifacts/artifacts`
})
afterAll(() => server.close())

const put = (path: string, body: string | Uint8Array<ArrayBuffer> | ReadableStream) =>
  fetch(`${root}/${path}`, { method: 'PUT', body, duplex: 'half' } as RequestInit)

/** Asks for a path as it is written: fetch would make `a/../b` to `b`. */
function statusOf(method: string, path: string): Promise<number> {
  return new Promise((done, failed) => {
    const { hostname, port } = new URL(server.url)
    const agent = new Agent({ keepAlive: false })
    request({ method, hostname, port, path, agent }, (reply) => done(reply.resume().statusCode ?? 0))
      .on('error', failed)
      .end()
  })
}

describe('an artifact', () => {
  test('goes up and comes down as bytes, with what a browser must not do said', async () => {
    expect(await (await put('1/a%20b/50%25.yaml', 'x: 1')).json()).toEqual({})
    const reply = await fetch(`${root}/1/a%20b/50%25.yaml`)
    expect(await reply.text()).toBe('x: 1')
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-disposition': "attachment; filename*=UTF-8''50%25.yaml",
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-length': '4',
    })
    expect(await (await fetch(`${root}?path=1/a%20b`)).json()).toEqual({
      files: [{ path: '50%.yaml', is_dir: false, file_size: 4 }],
    })
    expect(await (await fetch(`${root}?path=none`)).json()).toEqual({})
  })

  test('comes in ranges', async () => {
    await put('2/digits', '0123456789')
    const part = await fetch(`${root}/2/digits`, { headers: { range: 'bytes=-3' } })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 7-9/10', '789'])
    const none = await fetch(`${root}/2/digits`, { headers: { range: 'bytes=10-' } })
    expect([none.status, none.headers.get('content-range')]).toEqual([416, 'bytes */10'])
  })

  test('of more bytes than are allowed is refused, whether it says so ahead or not', async () => {
    const large = new Uint8Array(MOST_BYTES + 1)
    expect((await put('3/ahead', large)).status).toBe(400)
    const status = await put('3/unsaid', new Blob([large]).stream()).then(
      (reply) => reply.status,
      () => 400,
    )
    expect(status).toBe(400)
    expect(await (await fetch(`${root}?path=3`)).json()).toEqual({})
  })

  test('that is deleted is gone, with all in its folder', async () => {
    await put('4/a/b', 'x')
    await fetch(`${root}/4`, { method: 'DELETE' })
    const reply = await fetch(`${root}/4/a/b`)
    expect([reply.status, await reply.json()]).toMatchObject([404, { error_code: 'RESOURCE_DOES_NOT_EXIST' }])
  })

  test.each(['GET', 'PUT', 'DELETE'])('outside the root is refused for %s in every encoding', async (method) => {
    const prefix = '/api/2.0/mlflow-artifacts/artifacts'
    const paths = [
      '../x',
      '%2e%2e/x',
      '%2e%2e%2fx',
      '%252e%252e%252fx',
      'a/..%5cx',
      '..%255cx',
      '%2Fetc/x',
      'C:/x',
      'a%00/x',
      '%c3%28/%2e%2e/x',
    ]
    const statuses = await Promise.all(paths.map((path) => statusOf(method, `${prefix}/${path}`)))
    expect(statuses).toEqual(paths.map(() => 400))
    expect(await statusOf('GET', `${prefix}?path=${encodeURIComponent('..%2f..')}`)).toBe(400)
  })
})

test('an upload in parts is told an address for each part, and is whole when all have come', async () => {
  const parts = [randomBytes(50_000), randomBytes(70_000)]
  const mpu = (verb: string, fields: object) =>
    fetch(`${server.url}/api/2.0/mlflow-artifacts/mpu/${verb}/5/dir`, {
      method: 'POST',
      body: JSON.stringify({ path: '/home/me/w b.bin', ...fields }),
      headers: { 'content-type': 'application/json' },
    })
  const begun = (await (await mpu('create', { num_parts: 2 })).json()) as {
    upload_id: string
    credentials: { url: string; part_number: number }[]
  }
  const stored = await Promise.all(
    begun.credentials.map(async ({ url, part_number }, i) => {
      const reply = await fetch(url, { method: 'PUT', body: parts[i] ?? '' })
      return { part_number, etag: reply.headers.get('etag') ?? '', url }
    }),
  )
  expect((await mpu('complete', { upload_id: begun.upload_id, parts: stored })).status).toBe(200)
  const whole = await fetch(`${root}/5/dir/w%20b.bin`)
  expect(Buffer.from(await whole.arrayBuffer()).equals(Buffer.concat(parts))).toBe(true)
  expect((await mpu('complete', { upload_id: begun.upload_id, parts: stored })).status).toBe(404)
  expect((await mpu('abort', { upload_id: '../../x' })).status).toBe(404)
})

test('the artifacts of a run and of a logged model are listed and shown by what they belong to', async () => {
  const created = await askMlflow(server.url, 'POST', 'runs/create', { experiment_id: '0' })
  const { run_id } = (created.body.run as { info: { run_id: string } }).info
  await put(`0/${run_id}/artifacts/plots/loss.svg`, '<svg/>')
  expect((await askMlflow(server.url, 'GET', 'artifacts/list', { run_id, path: 'plots' })).body).toEqual({
    root_uri: `mlflow-artifacts:/0/${run_id}/artifacts`,
    files: [{ path: 'plots/loss.svg', is_dir: false, file_size: 6 }],
  })
  expect(await (await fetch(`${server.url}/get-artifact?run_id=${run_id}&path=plots/loss.svg`)).text()).toBe('<svg/>')
  expect((await fetch(`${server.url}/get-artifact?run_id=${run_id}&path=../x`)).status).toBe(400)
  const logged = await askMlflow(server.url, 'POST', 'logged-models', { experiment_id: '0', name: 'm' })
  const { model_id } = (logged.body.model as { info: { model_id: string } }).info
  await put(`0/models/${model_id}/artifacts/MLmodel`, 'flavors: {}')
  expect((await askMlflow(server.url, 'GET', `logged-models/${model_id}/artifacts/directories`)).body).toMatchObject({
    files: [{ path: 'MLmodel', is_dir: false, file_size: 11 }],
  })
})
