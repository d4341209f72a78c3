import { get as httpGet } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { DEMO_BOOK, moveDemoBook, seedDemoBook } from '../../test/browser/demo-book.ts'
import { demoFlows } from '../../test/browser/demo-flows.ts'
import { freshDatabase } from '../../test/database.ts'
import { type Api, openApi } from './api.server.ts'
import { HomeView, StreamEvent } from './contract.ts'

const flows = demoFlows()

let database: Database
let api: Api

function open(port = 0, host = '127.0.0.1'): Promise<Api> {
  return openApi({
    pool: database.pool,
    flows,
    webFolder: import.meta.dirname,
    host,
    port,
    version: '1',
    settings: [],
    activeSectors: [],
    onFailure: fail,
  })
}

function fail(failure: unknown): never {
  throw failure
}

beforeAll(async () => {
  database = await freshDatabase()
  api = await open()
})

afterAll(async () => {
  await api.close()
  await database.close()
})

async function home(query = ''): Promise<HomeView> {
  const answer = await fetch(`${api.url}/api/home${query}`)
  return HomeView.parse(await answer.json())
}

type Enough = (seen: readonly StreamEvent[]) => boolean

/** The events after `after`, beats left out, until they are enough. */
async function eventsAfter(
  after: string,
  isEnough: Enough,
  meanwhile: () => Promise<void> = async () => {},
): Promise<StreamEvent[]> {
  const answer = await fetch(`${api.url}/api/events?book=${DEMO_BOOK}`, { headers: { 'last-event-id': after } })
  const seen: StreamEvent[] = []
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  await meanwhile()
  for (let text = ''; reader && !isEnough(seen); ) {
    text += (await reader.read()).value ?? ''
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    const lines = blocks.flatMap((block) => block.split('\n').filter((line) => line.startsWith('data: ')))
    seen.push(...lines.map((line) => StreamEvent.parse(JSON.parse(line.slice(6)))).filter((event) => event.kind !== 'beat'))
  }
  await reader?.cancel()
  return seen
}

describe('an empty database', () => {
  test('home has no book, the sessions around now, and no figure', async () => {
    expect(await home()).toMatchObject({ book: null, figures: null, equity: [] })
  })
})

describe('a book', () => {
  beforeAll(async () => {
    await api.close()
    await seedDemoBook(database.pool)
    // Opened after it, so that the notices of what it stored are nobody's news.
    api = await open()
  })

  test('home shows the book of first sight with its clock and sessions', async () => {
    const view = await home()
    expect(view.book).toMatchObject({ book: DEMO_BOOK, day: '2018-03-28', speed: '60', isSimulated: false })
    expect(view.sessions.map((session) => session.date)).toEqual(['2018-03-27', '2018-03-28', '2018-03-29', '2018-04-02'])
  })

  test('the stream tells only what changed, and tells it again to who comes back', async () => {
    const { eventId } = await home()
    const kinds = ['book', 'equity', 'figures', 'orders', 'positions', 'signals', 'tape']
    const live = await eventsAfter(
      eventId,
      (seen) => new Set(seen.map((event) => event.kind)).size >= kinds.length,
      () => moveDemoBook(database.pool),
    )
    expect([...new Set(live.map((event) => event.kind))].sort()).toEqual(kinds)
    expect(live.find((event) => event.kind === 'orders')?.rows.map((row) => row.id)).toEqual(['o-next'])
    expect(live.find((event) => event.kind === 'equity')?.points).toHaveLength(1)
    expect(await eventsAfter(eventId, (seen) => seen.length >= live.length)).toEqual(live)
  })

  test('who missed too much is told to ask again', async () => {
    expect(await eventsAfter('elsewhere-7', (seen) => seen.length >= 1)).toEqual([{ kind: 'resync' }])
  })

  test('a lost connection to the database is opened again, and what changed meanwhile is told', async () => {
    const { eventId } = await home()
    const [event] = await eventsAfter(
      eventId,
      (seen) => seen.length >= 1,
      async () => {
        await database.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen spreadworks_changed' and datname = current_database()`,
        )
        await database.pool.query(`update spreadworks.books set speed = '120' where book = $1`, [DEMO_BOOK])
      },
    )
    expect(event).toMatchObject({ kind: 'book', book: { speed: '120' } })
  })

  test('every view answers', async () => {
    for (const path of [
      'books',
      'portfolio',
      'orders',
      'signals?limit=3',
      'models',
      'screens/latest',
      'flows',
      'settings',
      'orders/o-1/why',
    ]) {
      expect([path, (await fetch(`${api.url}/api/${path}`)).status]).toEqual([path, 200])
    }
  })
})

describe('refusals', () => {
  test.each([
    ['/api/home?book=nonsense', 400, 'REQUEST_INVALID'],
    ['/api/home?book=rehearsal:none', 404, 'BOOK_UNKNOWN'],
    ['/api/orders/none/why', 404, 'ORDER_UNKNOWN'],
    ['/api/nothing', 404, 'ADDRESS_UNKNOWN'],
  ])('%s is a problem with a code', async (path, status, code) => {
    const answer = await fetch(`${api.url}${path}`)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await answer.json()).toMatchObject({ status, code })
  })

  test('a name that was pointed at this machine from elsewhere gets nothing', async () => {
    const status = await new Promise<number | undefined>((resolve) => {
      httpGet(`${api.url}/api/home`, { headers: { host: 'evil.example' } }, (answer) => resolve(answer.resume().statusCode))
    })
    expect(status).toBe(403)
  })
})

describe('flows', () => {
  const post = (name: string) =>
    fetch(`${api.url}/api/flows/${name}/run`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"parameters":{"seed":7}}',
    })

  test('a flow is started by its name with its parameters', async () => {
    expect((await post('rehearse')).status).toBe(202)
    expect(flows.told).toEqual(['start rehearse {"seed":7}'])
  })

  test("a flow's own refusal reaches the caller", async () => {
    expect(await (await post('dance')).json()).toMatchObject({ status: 404, code: 'FLOW_UNKNOWN' })
  })
})

test('the API describes itself in OpenAPI 3.1 and lets no script run but its own', async () => {
  const docs = await fetch(`${api.url}/docs/json`)
  expect(await docs.json()).toMatchObject({ openapi: '3.1.0', paths: { '/api/home': {}, '/api/events': {} } })
  expect(docs.headers.get('content-security-policy')).toMatch(/script-src 'self';.*object-src 'none'/)
})

test('a taken port is told in one sentence', async () => {
  await expect(open(Number(new URL(api.url).port))).rejects.toMatchObject({ code: 'PORT_TAKEN' })
})

test('an address that others can reach is refused', async () => {
  await expect(open(0, '0.0.0.0')).rejects.toMatchObject({ code: 'HOST_OPEN', exitCode: 2 })
})

test('closing ends open streams within a second', async () => {
  const other = await open()
  const stream = await fetch(`${other.url}/api/events`)
  const begun = performance.now()
  await other.close()
  expect(performance.now() - begun).toBeLessThan(1_000)
  await expect(stream.text()).rejects.toThrow()
})
