import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import type pg from 'pg'
import { type Browser, chromium as playwright } from 'playwright-core'
import { type Api, openApi } from '../../src/api/api.server.ts'
import type { FlowRun } from '../../src/api/contract.ts'
import type { FlowControl } from '../../src/api/flow-control.ts'

export const REPOSITORY = join(import.meta.dirname, '../..')

/** A container has no sandbox, no GPU and little shared memory. The package's own flags are for a function that lives for one page. */
const FLAGS = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none']

/** Chromium out of npm. The first time on a machine it is unpacked, which takes some seconds. */
export async function openBrowser(): Promise<Browser> {
  return playwright.launch({ executablePath: await chromium.executablePath(), args: FLAGS, headless: true })
}

/** The API with the built page over `pool`, on a free port. */
export function openPage(pool: pg.Pool, flows: FlowControl): Promise<Api> {
  return openApi({
    pool,
    flows,
    webFolder: join(REPOSITORY, 'web/dist'),
    host: '127.0.0.1',
    port: 0,
    version: '0.0.0',
    settings: [{ section: 'server', key: 'port', value: '8501' }],
    activeSectors: [],
    onFailure: (failure) => {
      throw failure
    },
  })
}

/** Flows of which one can be started, a rehearsal that then stays as it is; what was started is kept by name. */
export function demoFlows(): FlowControl & { readonly started: string[] } {
  const started: string[] = []
  return {
    started,
    start: async (name) => {
      started.push(name)
      return { id: name }
    },
    list: async () => started.map(() => REHEARSAL),
    cancel: async () => {},
  }
}

const REHEARSAL: FlowRun = {
  id: 'rehearse-r1',
  name: 'rehearse',
  state: 'running',
  startedAt: Date.now() - 301_000,
  endedAt: null,
  progress: { done: 305, total: 390, unit: 'minutes' },
  sentence: 'Trading 2018-03-28 at 60×',
}
