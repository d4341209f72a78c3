import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import chromium from '@sparticuz/chromium'
import type pg from 'pg'
import { type Browser, type Page, chromium as playwright } from 'playwright-core'
import { type Api, openApi } from '../../src/api/api.server.ts'
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

/** What axe finds within `part`, by `rules` or by all. The page has no frames, so that it may run in the page itself rather than beside it. */
export async function faultsOf(page: Page, part: string, rules?: string[]): Promise<string[]> {
  const only = rules && { runOnly: { type: 'rule' as const, values: rules } }
  const axe = new AxeBuilder({ page }).include(part).options({ resultTypes: ['violations'], preload: false, ...only })
  const { violations } = await axe.setLegacyMode().analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
}

/** A page of its own in the browser, and what its console complains of from then on. */
export async function openWatched(browser: Browser): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const complaints: string[] = []
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
  page.setDefaultTimeout(4_000)
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  return { page, complaints }
}

const LAID_OUT_WITHIN = { timeout: 3_000 }

/** The widths, of these, at which the page is wider than its window. */
export async function overflowsOf(page: Page, widths: readonly number[]): Promise<string[]> {
  const found: string[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    // Laid out anew when the machine comes to it: what still sticks out after a while does.
    const fits = page.waitForFunction('document.documentElement.scrollWidth <= window.innerWidth', undefined, LAID_OUT_WITHIN)
    if ((await fits.catch(() => undefined)) === undefined) found.push(`wider than ${width}`)
  }
  return found
}
