/**
 * Takes the picture of the page for the README from a rehearsal at work: `node test/browser/picture.ts [address]`. Waits
 * until the last hour of the session begins and a pair is held, then writes docs/images/home.png.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { HomeView } from '../../src/api/contract.ts'
import { openBrowser, REPOSITORY } from './page.ts'

const PICTURE = join(REPOSITORY, 'docs/images/home.png')
const WIDTH = 1440
const MOST_BYTES = 400_000
const LAST_HOUR_MS = 3_600_000

const [, , address = 'http://127.0.0.1:8501'] = process.argv
while (!(await isWorthAPicture())) await sleep(500)
const browser = await openBrowser()
await takePicture(browser, 2)
if ((await stat(PICTURE)).size > MOST_BYTES) await takePicture(browser, 1)
await browser.close()

async function isWorthAPicture(): Promise<boolean> {
  const { book, sessions, positions } = HomeView.parse(await (await fetch(`${address}/api/home`)).json())
  const at = book?.shownAt ?? 0
  const session = sessions.find(({ opensAt, closesAt }) => opensAt <= at && at < closesAt)
  return session !== undefined && session.closesAt - at <= LAST_HOUR_MS && positions.length > 0
}

async function takePicture(from: Browser, deviceScaleFactor: number): Promise<void> {
  const page = await from.newPage({ viewport: { width: WIDTH, height: 900 }, deviceScaleFactor, reducedMotion: 'reduce' })
  await page.goto(address)
  await page.getByRole('img', { name: /Equity from \$/ }).waitFor()
  const height = Number(await page.evaluate('document.documentElement.scrollHeight'))
  await page.setViewportSize({ width: WIDTH, height })
  // The chart draws on the next frame after a change of size.
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
  await page.screenshot({ path: PICTURE })
  await page.close()
}
