import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import type { Api } from '../../src/api/api.server.ts'
import { freshDatabase } from '../database.ts'
import { moveDemoBook, seedDemoBook } from './demo-book.ts'
import { openBrowser, openPage, REPOSITORY, rehearsalRun, stillFlows } from './page.ts'

const idle = stillFlows([])

/** How many pixels the page is wider than the window. Text, since the page's own names are not the test's. */
const OVERFLOW = 'Math.max(0, document.documentElement.scrollWidth - window.innerWidth)'

let browser: Browser
let database: Database
let api: Api
let page: Page

beforeAll(async () => {
  ;[browser, database] = await Promise.all([openBrowser(), freshDatabase()])
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
  page.setDefaultTimeout(4_000)
})

afterAll(async () => {
  await browser.close()
  await database.close()
})

/** What axe finds. The page has no frames, so that it may run in the page itself rather than beside it. */
async function faultsOf(shown: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: shown }).setLegacyMode().analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
}

describe('before the first book', () => {
  beforeAll(async () => {
    api = await openPage(database.pool, idle)
  })
  afterAll(() => api.close())

  test('home says what will be here, and its one button starts a rehearsal', async () => {
    await page.goto(api.url)
    await page.getByRole('button', { name: 'Rehearse the last session' }).click()
    await expect.poll(() => idle.started).toEqual(['rehearse'])
    expect(await faultsOf(page)).toEqual([])
  })
})

describe('a rehearsal at work', () => {
  beforeAll(async () => {
    await seedDemoBook(database.pool)
    api = await openPage(database.pool, stillFlows([rehearsalRun(Date.now())]))
  })
  afterAll(() => api.close())

  test('home shows equity, a reason and an order, and fits every width', async () => {
    await page.goto(api.url)
    await page.getByRole('img', { name: /Equity from \$/ }).waitFor()
    await page.getByText('The spread is 2.31 standard deviations below its mean.').waitFor()
    await page.getByRole('button', { name: 'Why buy XOM, enter XOM–CVX?' }).waitFor()
    for (const width of [375, 768, 1280, 2560, 1440]) {
      await page.setViewportSize({ width, height: 900 })
      expect([width, await page.evaluate(OVERFLOW)]).toEqual([width, 0])
    }
  })

  test('axe finds nothing on home in dark and in light', async () => {
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Show in light colours' }).click()
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Show in dark colours' }).click()
  })

  test('an order tells why it exists, and the address keeps the question', async () => {
    await page.getByRole('button', { name: 'Why buy XOM, enter XOM–CVX?' }).click()
    const drawer = page.getByRole('dialog', { name: 'Why buy 67 XOM' })
    await drawer.getByText('Risk approved both legs.').waitFor()
    expect(new URL(page.url()).searchParams.get('why')).toBe('o-1')
    expect(await drawer.getByText('27 shares at $74.12, fees $0.04.').isVisible()).toBe(true)
    expect(await faultsOf(page)).toEqual([])
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
  })

  test.each(['Portfolio', 'Analysis', 'Models', 'Flows', 'Settings'])(
    '%s is a click away, has its table, and axe finds nothing',
    async (name) => {
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
      await page.getByRole('table').first().waitFor()
      expect(await faultsOf(page)).toEqual([])
    },
  )

  test('what is written shows without a reload', async () => {
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await page.goto(api.url)
    await page.getByRole('img', { name: /Equity from \$/ }).waitFor()
    if (process.env.UPDATE_PICTURES === '1') await keepPicture(page)
    await page.evaluate(`document.body.setAttribute('data-first-load', '')`)
    await moveDemoBook(database.pool)
    await page.getByText('$101,234.56').waitFor()
    await page.getByText('The spread came back to within 0.50 of its mean.', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Why sell XOM, exit XOM–CVX?' }).waitFor()
    expect(await page.locator('body[data-first-load]').count()).toBe(1)
    expect(complaints).toEqual([])
  })
})

async function keepPicture(shown: Page): Promise<void> {
  await mkdir(join(REPOSITORY, 'docs/images'), { recursive: true })
  await shown.setViewportSize({ width: 1440, height: 1150 })
  // The chart draws on the next frame after a change of size.
  await shown.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
  await shown.screenshot({ path: join(REPOSITORY, 'docs/images/home.png') })
}
