import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import type { Api } from '../../src/api/api.server.ts'
import { freshDatabase } from '../database.ts'
import { moveDemoBook, seedDemoBook } from './demo-book.ts'
import { seedDemoData } from './demo-data.ts'
import { demoFlows } from './demo-flows.ts'
import { faultsOf, openBrowser, openPage, openWatched, overflowsOf } from './page.ts'

const flows = demoFlows()

let browser: Browser
let database: Database
let api: Api
let page: Page
let complaints: readonly string[]

beforeAll(async () => {
  ;[browser, database] = await Promise.all([openBrowser(), freshDatabase()])
  api = await openPage(database.pool, flows)
  ;({ page, complaints } = await openWatched(browser))
})

afterAll(async () => {
  await browser.close()
  await api.close()
  await database.close()
})

test('before the first book, home says what will be here, and its one button starts a rehearsal', async () => {
  await page.goto(api.url)
  await page.getByRole('button', { name: 'Rehearse the last session' }).click()
  await expect.poll(() => flows.started, { interval: 10 }).toEqual(['rehearse'])
})

describe('a rehearsal at work', () => {
  beforeAll(() => seedDemoBook(database.pool))

  test('home shows the market, equity, a reason and an order by itself, and fits every width', async () => {
    await page.getByRole('img', { name: /^XOM in the last hour: from / }).waitFor()
    await page.getByText('3,050 bars today').waitFor()
    await page.getByRole('img', { name: /Equity from \$/ }).waitFor()
    await page.getByText('The spread is 2.31 standard deviations below its mean.').waitFor()
    await page.getByRole('button', { name: 'Why buy XOM, enter XOM–CVX?' }).waitFor()
    expect(await overflowsOf(page, [375, 768, 1280, 2560, 1440])).toEqual([])
  })

  test('axe finds nothing on home in dark and in light', async () => {
    expect(await faultsOf(page, 'html')).toEqual([])
    await page.getByRole('button', { name: 'Show in light colours' }).click()
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor()
    expect(await faultsOf(page, 'html', ['color-contrast'])).toEqual([])
    await page.getByRole('button', { name: 'Show in dark colours' }).click()
  })

  test('what is written shows without a reload', async () => {
    await moveDemoBook(database.pool)
    await page.getByText('$101,234.56').waitFor()
    await page.getByRole('img', { name: /^XOM in the last hour: .* to 75\.43,/ }).waitFor()
    await page.getByText('3,051 bars today').waitFor()
    await page.getByText('The spread came back to within 0.50 of its mean.', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Why sell XOM, exit XOM–CVX?' }).waitFor()
  })

  test('a critical alert stands on home', async () => {
    await database.pool.query(
      `insert into spreadworks.alerts (id, key, book, at, last_at, severity, title, body)
       select 'a1', 'a1', book, shown_at, shown_at, 'critical', 'Open exposure', 'HAL is held without its other leg.' from spreadworks.books`,
    )
    await page.getByRole('alert').getByText('HAL is held without its other leg.').waitFor()
  })

  test('an order tells why it exists, and the address keeps the question', async () => {
    await page.getByRole('button', { name: 'Why buy XOM, enter XOM–CVX?' }).click()
    const drawer = page.getByRole('dialog', { name: 'Why buy 67 XOM' })
    await drawer.getByText('Risk approved both legs.').waitFor()
    expect(new URL(page.url()).searchParams.get('why')).toBe('o-1')
    expect(await drawer.getByText('27 shares at $74.12, fees $0.04.').isVisible()).toBe(true)
    expect(await faultsOf(page, '[role=dialog]')).toEqual([])
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
  })

  test.each([
    ['Portfolio', 'XOM–CVX'],
    ['Analysis', 'Of 378 pairs tried, 9 pass p ≤ 0.05.'],
    ['Models', 'F1 of 0.51 on the test part'],
    ['Settings', '8501'],
  ])('%s is a click away, has its table, and axe finds nothing', async (name, words) => {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click()
    await page.getByRole('heading', { level: 1, name }).waitFor()
    await page.getByRole('table').first().waitFor()
    await page.getByRole('main').getByText(words).first().waitFor()
    expect(await faultsOf(page, 'main')).toEqual([])
  })

  test('Data shows what is missing and why, what maintenance found, and switches what is traded', async () => {
    await seedDemoData(database.pool)
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Data' }).click()
    await page.getByRole('button', { name: 'SO, 2018-03-28: 275 of 390 minutes present, 30 no trade, 85 not due' }).click()
    await page.getByText('275 present, 30 no trade, 85 not due').waitFor()
    await page.getByText('The broker does not lend it.').waitFor()
    await page.getByText('Not shortable', { exact: true }).waitFor()
    expect(await faultsOf(page, 'main')).toEqual([])
    await page.getByRole('button', { name: 'Show in light colours' }).click()
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor()
    expect(await faultsOf(page, 'main', ['color-contrast'])).toEqual([])
    expect(await overflowsOf(page, [375, 1440])).toEqual([])
    await page.getByRole('textbox', { name: 'Why, for VLO' }).fill('The split was on the Monday before.')
    await page.getByRole('button', { name: 'Never read these bars' }).click()
    await page.getByText('Nothing is held back.').waitFor()
    await page.getByRole('switch', { name: 'Trade Utilities' }).click()
    await page.getByText('0 of 2 traded').waitFor()
    await page.getByRole('button', { name: 'As configured' }).click()
    await page.getByText('2 of 2 traded').waitFor()
  })

  test('what is changed elsewhere shows on Data without a reload', async () => {
    await database.pool.query(`update spreadworks.symbols set is_active = false where symbol = 'XOM'`)
    await page.getByText('None: switched off').waitFor()
  })

  test('the browser had nothing to complain about', () => {
    expect(complaints).toEqual([])
  })
})
