import { afterEach, expect, test } from 'vitest'
import { epochMs } from '#domain/units.ts'
import { connectTracking } from '#tracking/tracking.client.ts'
import { openTestServer, type TestTrackingServer } from '../../test/tracking-server.ts'

let server: TestTrackingServer
afterEach(() => server.close())

test.each([
  [{ kind: 'bearer', token: 's3cret' }, 'bearer s3cret', 'Bearer'],
  [{ kind: 'basic', user: 'ada', password: 'p:w' }, `Basic ${btoa('ada:p:w')}`, 'Basic'],
] as const)('a server with %j asks for it everywhere but for its health and version', async (access, header, scheme) => {
  server = await openTestServer({ access })
  const status = async (path: string, authorization?: string) =>
    (await fetch(`${server.url}${path}`, authorization === undefined ? {} : { headers: { authorization } })).status
  const experiment = '/api/2.0/mlflow/experiments/get?experiment_id=0'
  const wrong = [undefined, '', header.slice(0, -1), `${header}x`, header.replace(/ .*/, '')]
  expect(await Promise.all(wrong.map((one) => status(experiment, one)))).toEqual(wrong.map(() => 401))
  expect(await status(experiment, header)).toBe(200)
  expect(await status('/api/2.0/mlflow-artifacts/artifacts/x')).toBe(401)
  expect(await status('/no-such-path')).toBe(401)
  expect([await status('/health'), await status('/version')]).toEqual([200, 200])
  const refused = await fetch(`${server.url}${experiment}`)
  expect(refused.headers.get('www-authenticate')).toMatch(scheme)
  expect(await refused.json()).toMatchObject({ error_code: 'UNAUTHENTICATED' })

  const tracking = connectTracking(server.url, access)
  const run = await tracking.startRun({ experimentId: '0', name: 'x', startedAt: epochMs(1), tags: {} })
  await tracking.saveArtifact(run, 'plots/50% of it.svg', Uint8Array.of(1))
  await expect(connectTracking(server.url).experimentNamed('x')).rejects.toThrow('UNAUTHENTICATED')
})
