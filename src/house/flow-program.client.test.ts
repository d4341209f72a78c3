import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommandLine } from '#cli/command-line.command.ts'
import { type Database, databaseAt } from '#database/connection.client.ts'
import { RunDetail } from '#desk/flow-views.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { freshDatabase } from '../../test/database.ts'
import { unaskedProgram } from '../../test/unasked-program.ts'
import { flowProgram } from './flow-program.client.ts'
import { openHouse } from './house.client.ts'

const unasked = () => Promise.reject(new Error('not asked'))

let database: Database
let home = ''
beforeAll(async () => {
  database = await freshDatabase()
  home = await mkdtemp(join(tmpdir(), 'flow-program-'))
})
afterAll(async () => {
  await database.close()
  await rm(home, { recursive: true })
})

/** A command line of a process of its own on the test's database, which may become a worker; what was said is with what it told. */
async function run(line: string): Promise<{ code: number; out: string; said: string[] }> {
  let out = ''
  const said: string[] = []
  const terminal = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => void said.push(text),
    isWatched: false,
    columns: () => 80,
  }
  const openStore = async () => {
    const env = { SPREADWORKS_TRAIN_THREADS: '1', SPREADWORKS_YAHOO_ENABLED: 'false' }
    return { ...(await readSettingsFiles(env)), database: databaseAt(database.url, 5) }
  }
  const say = (sentence: string) => void said.push(sentence)
  const house = { version: 'test', home, strategyNamed: unasked, say }
  const openOwnHouse = async () => openHouse({ ...(await openStore()), ...house })
  const flows = flowProgram({ openStore, openHouse: openOwnHouse, say })
  const program = { ...unaskedProgram(terminal, unasked), flows }
  return { code: await runCommandLine(line.split(' '), program, AbortSignal.timeout(20_000)), out, said }
}

test('where no worker is, the command carries the run out itself, and leaves no worker behind', async () => {
  const begun = await run('flow run load-history feed=simulated until=2018-03-28 --json')
  expect(begun).toMatchObject({ code: 0, said: expect.arrayContaining([expect.stringContaining('carries it out')]) })
  const { id, run: ended } = JSON.parse(begun.out)
  expect(ended).toMatchObject({ name: 'load-history', state: 'done', worker: 'worker-0' })
  const shown = RunDetail.parse(JSON.parse((await run(`flow show ${id} --json`)).out))
  expect(shown.request).toEqual({ feed: 'simulated', until: '2018-03-28' })
  expect(shown.steps.length).toBeGreaterThan(0)
  expect(shown.steps.every(({ state }) => state === 'done')).toBe(true)
  const { rows } = await database.pool.query('select executor from spreadworks.flow_workers')
  expect(rows).toEqual([])
})
