import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { databaseAt } from '#database/connection.client.ts'
import { randomStream } from '#domain/random.ts'
import { rehearsalRunId } from '#flows/rehearsal.ts'
import { startRehearsal } from '#house/rehearsals.client.ts'
import { type MortalDatabase, openMortalDatabase } from '../crash/own-postgres.ts'
import { asked, openSmallHouse, rehearsed, type SmallHouse, storeSmallMarket } from '../rehearsal/small-market.ts'
import type { Soak, SoakTerms } from './soak.ts'

const CASES = 20
/** Within this a small session is screened, trained and traded when nothing happens. */
const SESSION_MS = 3_000

/** A small session that loses PostgreSQL, whole or its first process alone, at a random instant: it must end as an undisturbed one does. */
export const sessionKills: Soak = {
  name: 'session-kills',
  run: async (terms) => {
    const database = await openMortalDatabase()
    try {
      await storeSmallMarket(database)
      const house = await openSmallHouse(databaseAt(database.url, 5))
      await disturbed({ database, house }, terms).finally(house.close)
    } finally {
      await database.close()
    }
  },
}

type Place = { readonly database: MortalDatabase; readonly house: SmallHouse }

async function disturbed({ database, house }: Place, { seed, part, parts, tell }: SoakTerms): Promise<void> {
  const { certificate } = await rehearsed(house)
  for (let i = part - 1; i < CASES; i += parts) {
    const random = randomStream(seed * 1_000 + i, 'session-kills')
    const { book } = await startRehearsal(house, asked({ speed: 'max' }))
    const ms = random.below(SESSION_MS)
    await delay(ms)
    const signal = random.below(2) === 0 ? 'SIGKILL' : 'SIGQUIT'
    await database.kill(signal)
    await house.engine.result(rehearsalRunId(book))
    const ended = `select state, certificate from spreadworks.books where book = $1`
    const { rows } = await database.pool.query<{ state: string; certificate: string }>(ended, [book])
    assert.deepEqual(rows, [{ state: 'closed', certificate: certificate.hash }], `killed with ${signal} after ${ms} ms`)
    tell(`same certificate after ${signal} at ${ms} ms`)
  }
}
