import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { newYorkInstant } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { DAY_MS } from '#domain/units.ts'
import { freshDatabase } from '../database.ts'
import { compressedMonth } from './month.ts'

let database: Database
let home: string
beforeAll(async () => {
  database = await freshDatabase()
  home = await mkdtemp(join(tmpdir(), 'spreadworks-month-'))
})
afterAll(async () => {
  await database?.close()
  await rm(home, { recursive: true, force: true })
})

const midnight = (date: string) => newYorkInstant(date as SessionDate, '00:00')

test('in two days of full operation, workers being killed, all that was due is begun once, ended, and told when it was missed', async () => {
  const kills = 3
  const report = await compressedMonth({
    ...{ database, home, server: undefined, posts: [{ name: 'server', isServer: true }], tell: () => {} },
    ...{
      from: midnight('2018-03-09'),
      until: midnight('2018-03-11'),
      speed: 86_400,
      beginMs: 1_500,
      emptyMs: 100,
      graceMs: DAY_MS,
    },
    // Two are killed and one is told to stop; none is frozen, which takes longer than a suite may.
    ...{ seed: 186, kills },
    // A day of the market is a second.
    env: { SPREADWORKS_SCHEDULES_SIGNALS: 'every 30 minutes in session' },
  })
  const { occurrences, runs, alerts, dependencies, floods, died } = report
  expect(Object.values(report.kills).reduce((sum, count) => sum + count, 0)).toBe(kills)
  expect({ ...{ occurrences: occurrences.wrong, alerts: alerts.wrong, dependencies, floods, died }, ...runs }).toEqual({
    ...{ occurrences: [], alerts: [], dependencies: [], floods: [], died: [] },
    ...{ twice: [], notDone: [], repeated: [], withoutEffect: [], runs: runs.runs, steps: runs.steps },
  })
  expect(occurrences.occurrences).toBe(1 + 1 + 13 + 7 + 1 + 2 + 2 + 2)
}, 90_000)
