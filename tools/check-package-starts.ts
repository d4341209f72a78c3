/**
 * Starts the package installed in the folder given, asks it for its page, waits until it has trained its models and trades, and stops
 * it: by then every module, worker and migration has been found where the package has put it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { HomeView } from '#api/contract.ts'

const GIVE_UP_AFTER_MS = 120_000
const LOOK_EVERY_MS = 200

const [folder = ''] = process.argv.slice(2)
const started = spawn(join(folder, 'node_modules/.bin/spreadworks'), ['start', '--port', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  // A generated market and one epoch for each pair: the check is about the package.
  env: {
    ...process.env,
    SPREADWORKS_HOME: join(folder, 'home'),
    SPREADWORKS_YAHOO_ENABLED: 'false',
    SPREADWORKS_TRAIN_BUDGET: '20',
  },
})
const ended = once(started, 'exit')
const giveUp = setTimeout(() => started.kill('SIGKILL'), GIVE_UP_AFTER_MS)

const [line] = await Promise.race([once(createInterface({ input: started.stdout }), 'line'), ended.then(endedEarly)])
const { url } = JSON.parse(String(line))
const page = await fetch(url)
if (!page.ok || !(await page.text()).includes('<div id="root"'))
  throw new Error(`the package's page at ${url} answered ${page.status}`)
while (!(await isTrading(url))) await Promise.race([wait(LOOK_EVERY_MS), ended.then(endedEarly)])
started.kill('SIGINT')
const [code] = await ended
clearTimeout(giveUp)
if (code !== 0) throw new Error(`the package stopped with exit code ${code}`)

async function isTrading(address: string): Promise<boolean> {
  const answer = await fetch(`${address}/api/home`)
  return HomeView.parse(await answer.json()).equity.length > 0
}

function endedEarly([exitCode, signal]: unknown[]): never {
  throw new Error(`the package ended with ${exitCode ?? signal} before it traded`)
}
