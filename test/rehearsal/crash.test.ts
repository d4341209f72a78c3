import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { databaseAt } from '#database/connection.client.ts'
import type { Book } from '#domain/book.ts'
import { rehearsalRunId } from '#flows/rehearsal.ts'
import { freshDatabase } from '../database.ts'
import { LAST_DAY, openSmallHouse, rehearsed, SMALL, type SmallHouse, storeSmallMarket } from './small-market.ts'

const ROOT = join(import.meta.dirname, '../..')
const LOOK_EVERY_MS = 5
const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

let database: Database
let house: SmallHouse | undefined

beforeAll(async () => {
  database = await freshDatabase()
  await storeSmallMarket(database)
})
afterAll(async () => {
  await house?.close()
  await database.close()
})

/** The command in a process of its own, killed as soon as `question` has a row. Answers the book that it leaves behind. */
async function rehearseUntil(question: string, speed: string): Promise<Book> {
  const { PATH, HOME, TMPDIR } = process.env
  const env = { PATH, HOME, TMPDIR, ...SMALL, DATABASE_URL: database.url }
  const words = ['rehearse', '--day', LAST_DAY, '--speed', speed]
  const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), ...words], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const [book] = await firstRow<{ book: Book }>(question, child)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return book.book
}

async function firstRow<Row extends object>(question: string, child: ChildProcess): Promise<[Row]> {
  let said = ''
  child.stderr?.on('data', (text) => {
    said += text
  })
  for (;;) {
    const { rows } = await database.pool.query<Row>(question)
    const [row] = rows
    if (row !== undefined) return [row]
    if (child.exitCode !== null) throw new Error(`the rehearsal ended before it could be killed: ${said}`)
    await delay(LOOK_EVERY_MS)
  }
}

async function ended({ engine }: SmallHouse, book: Book) {
  await engine.result(rehearsalRunId(book))
  const count = async (what: string) => (await database.pool.query(`select ${what} where book = $1`, [book])).rows
  return {
    books: await count(`state, certificate from spreadworks.books`),
    orders: await count(`count(*), count(distinct client_order_id), sum(filled_shares) from spreadworks.orders`),
    fills: await count(`count(*), count(distinct client_order_id), sum(quantity_shares) from spreadworks.fills`),
    points: await count(`count(*), max(equity), min(equity) from spreadworks.equity`),
  }
}

test('a rehearsal that was killed while it trained or traded is gone on with, and ends as if nothing had happened', async () => {
  const training = await rehearseUntil(`select book from spreadworks.flow_progress where unit = 'pairs'`, 'max')
  // The next process finds the run that its own place among the workers left behind.
  const next = await openSmallHouse(databaseAt(database.url, 5), {}, { version })
  house = next
  const undisturbed = await rehearsed(next)
  // One that lives looks after those that do not.
  const trading = await rehearseUntil(
    `select book from spreadworks.orders where state = 'working' and book not in ('${training}', '${undisturbed.book}') limit 1`,
    '30000',
  )
  const expected = await ended(next, undisturbed.book)
  expect(expected.books).toEqual([{ state: 'closed', certificate: undisturbed.certificate.hash }])
  expect(await ended(next, training)).toEqual(expected)
  expect(await ended(next, trading)).toEqual(expected)
  expect(Number(expected.orders[0].count)).toBeGreaterThan(2)
})
