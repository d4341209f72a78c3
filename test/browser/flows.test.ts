import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raiseAlert } from '#alerts/alerts.store.ts'
import type { Database } from '#database/connection.client.ts'
import { epochMs } from '#domain/units.ts'
import type { Api } from '../../src/api/api.server.ts'
import { freshDatabase } from '../database.ts'
import { demoFlows, fillDemoFlows } from './demo-flows.ts'
import { faultsOf, openBrowser, openPage, openWatched, overflowsOf } from './page.ts'

/** Noon in New York, so that the day that is drawn has what ran in the hours before. */
const NOON = Date.parse('2026-11-23T17:00:00Z')
const WIDTHS = [375, 768, 1440]

const flows = demoFlows()

let browser: Browser
let database: Database
let api: Api
let page: Page
let complaints: readonly string[]

beforeAll(async () => {
  ;[browser, database] = await Promise.all([openBrowser(), freshDatabase()])
  fillDemoFlows(flows, NOON)
  await raiseAlert(database.pool, {
    ...{ key: 'missed:end-of-day', severity: 'warning', title: 'End of day did not run', at: epochMs(NOON) },
    ...{ body: 'It should have run at 18:00 New York.', flow: 'end-of-day' },
  })
  api = await openPage(database.pool, flows)
  ;({ page, complaints } = await openWatched(browser))
})

afterAll(async () => {
  await browser.close()
  await api.close()
  await database.close()
})

test('Flows draws the day, lists the runs, fits every width, and axe finds nothing in either theme', async () => {
  await page.goto(`${api.url}/flows?day=2026-11-23`)
  await page.getByRole('link', { name: /^Train: failed from 10:25:00, took 14 m 0 s/ }).waitFor()
  await page.getByRole('table', { name: 'Runs' }).getByText('did not converge').waitFor()
  await page.getByRole('table', { name: 'Queues' }).getByText('41').waitFor()
  expect(await faultsOf(page, 'main')).toEqual([])
  await page.getByRole('button', { name: 'Show in light colours' }).click()
  await page.locator('html[data-mantine-color-scheme="light"]').waitFor()
  expect(await faultsOf(page, 'main', ['color-contrast'])).toEqual([])
  expect(await overflowsOf(page, WIDTHS)).toEqual([])
})

test('a schedule is paused and goes on, and an alert is acknowledged', async () => {
  const isOn = page.getByRole('switch', { name: 'Run Signals by itself' })
  await isOn.click()
  await page.getByText('Paused', { exact: true }).waitFor()
  await isOn.click()
  await page.getByText('Paused', { exact: true }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Acknowledge End of day did not run' }).click()
  await page.getByText('Nothing needs anybody.').waitFor()
  expect(flows.told).toEqual(['pause signals', 'resume signals'])
})

test('runs are searched, and the address keeps the search', async () => {
  const list = page.getByRole('table', { name: 'Runs' })
  await page.getByRole('search').getByLabel('State').selectOption('failed')
  await list.getByText('Signals').first().waitFor({ state: 'detached' })
  await page.getByRole('search').getByLabel('Fact').fill('pair=XOM-CVX')
  await page.waitForURL(/fact=pair/)
  await page.reload()
  await list.getByText('XOM-CVX', { exact: true }).waitFor()
  expect(await list.getByRole('row').count()).toBe(2)
})

test('a failed run tells its steps, its log and why, and is retried from a step', async () => {
  await page.getByRole('table', { name: 'Runs' }).getByRole('link', { name: 'Train' }).click()
  await page.getByRole('log').getByText('Three sessions of CVX have holes').waitFor()
  await page.getByText('It failed', { exact: true }).waitFor()
  expect(await faultsOf(page, 'main')).toEqual([])
  expect(await overflowsOf(page, WIDTHS)).toEqual([])
  await page.getByRole('combobox', { name: 'Show' }).selectOption('Errors')
  await page.getByRole('log').getByText('Three sessions').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Retry from Screen pairs' }).click()
  await page.getByRole('heading', { name: 'train-XOM-CVX-2018-03-28-retry' }).waitFor()
  expect(flows.told.at(-1)).toBe('retry train-XOM-CVX-2018-03-28 2')
})

test('a run at work is followed line by line, and cancelled', async () => {
  await page.getByText('305 of 390 minutes · 1.0 a second · 1 m 24 s left').waitFor()
  flows.log.push({ id: 99, at: NOON, step: 'train-pairs', level: 'info', message: 'Epoch 12', fields: {} })
  await page.getByRole('log').getByText('Epoch 12').waitFor()
  await page.getByRole('button', { name: 'Cancel Train' }).click()
  await page.getByRole('button', { name: 'Retry where it ended' }).waitFor()
})

test('a run begins with other parameters, by a form made from what its flow takes', async () => {
  await page.getByRole('button', { name: 'Run with other parameters' }).click()
  const form = page.getByRole('dialog', { name: 'Run Train' })
  expect(await form.getByLabel('Pair').inputValue()).toBe('XOM-CVX')
  await form.getByLabel('Sectors').fill('Energy, Utilities')
  await form.getByLabel('Seed').fill('9')
  expect(await faultsOf(page, '[role=dialog]')).toEqual([])
  await form.getByRole('button', { name: 'Run now' }).click()
  await page.getByRole('heading', { name: 'train-r1' }).waitFor()
  const asked = { pair: 'XOM-CVX', day: '2018-03-28', sectors: ['Energy', 'Utilities'], seed: 9 }
  expect(JSON.parse(flows.told.at(-1)?.replace('start train ', '') ?? '')).toEqual(asked)
})

test('a range is made up for from the list of flows', async () => {
  await page.goto(`${api.url}/flows?start=start-of-day`)
  const form = page.getByRole('dialog', { name: 'Run Start of day' })
  await form.getByLabel('For each of its times in a range of days').check()
  await form.getByLabel('From').fill('2026-11-02')
  await form.getByLabel('Through').fill('2026-11-06')
  await form.getByRole('button', { name: 'Run for each' }).click()
  await page.waitForURL(/flow=start-of-day/)
  expect(flows.told.at(-1)).toBe('backfill start-of-day 2026-11-02 2026-11-06')
  expect(complaints).toEqual([])
})
