import { afterAll, expect, test } from 'vitest'
import { LIVE, PAPER } from '#domain/book.ts'
import { freshDatabase } from '../../test/database.ts'
import { inBookTurn } from './book-turn.store.ts'

const { pool, close } = await freshDatabase()
afterAll(close)

test('one at a time is at a book, each book by itself, and a turn that failed is over', async () => {
  const told: string[] = []
  const holding = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const first = inBookTurn(pool, PAPER, async () => {
    told.push('first begins')
    begun.resolve()
    await holding.promise
    told.push('first ends')
    throw new Error('it failed')
  })
  first.catch(() => undefined)
  await begun.promise
  const second = inBookTurn(pool, PAPER, async () => told.push('second'))
  await inBookTurn(pool, LIVE, async () => told.push('other book'))
  holding.resolve()
  await expect(first).rejects.toThrow('it failed')
  await second
  expect(told).toEqual(['first begins', 'other book', 'first ends', 'second'])
})

test('a turn whose connection the server has ended is the next one’s', async () => {
  await inBookTurn(pool, PAPER, async () => {
    await pool.query(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and database = (
      select oid from pg_database where datname = current_database())`)
    expect(await inBookTurn(pool, PAPER, async () => 'taken')).toBe('taken')
  })
  const { rows } = await pool.query(`show idle_session_timeout`)
  expect(rows).toEqual([{ idle_session_timeout: '0' }])
})
