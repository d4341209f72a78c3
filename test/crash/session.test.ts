import { afterAll, beforeAll, expect, test } from 'vitest'
import { rehearsalRunId } from '#flows/rehearsal.ts'
import { startRehearsal } from '#house/rehearsals.client.ts'
import { asked, openSmallHouse, rehearsed, type SmallHouse, storeSmallMarket } from '../rehearsal/small-market.ts'
import { type MortalDatabase, openMortalDatabase } from './own-postgres.ts'
import { until } from './traces.ts'

/** Little to screen, train and decide: what matters is that all of it happens. */
const LITTLE = {
  SPREADWORKS_PAIRS_MAXIMUM: '1',
  SPREADWORKS_MODEL_MAXIMUM_EPOCHS: '1',
  SPREADWORKS_SIGNALS_EVERY_MINUTES: '30',
}

let database: MortalDatabase
let house: SmallHouse

beforeAll(async () => {
  database = await openMortalDatabase()
  await storeSmallMarket(database)
  house = await openSmallHouse(database, LITTLE)
})
afterAll(() => house?.close())

test('a session that loses PostgreSQL in its midst ends as if nothing had happened', async () => {
  const undisturbed = await rehearsed(house)
  const { book } = await startRehearsal(house, asked({ speed: 20_000 }))
  const trades = `select book from spreadworks.orders where book = $1 and state = 'working'`
  await until(async () => ((await database.pool.query(trades, [book])).rowCount === 0 ? undefined : true))
  await database.kill()
  await house.engine.result(rehearsalRunId(book))
  const ended = `select state, certificate from spreadworks.books where book = $1`
  expect((await database.pool.query(ended, [book])).rows).toEqual([
    { state: 'closed', certificate: undisturbed.certificate.hash },
  ])
})
