/** Starts the package installed in the folder given, waits for its address, asks it for its page and stops it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const [folder = ''] = process.argv.slice(2)
const home = join(folder, 'home')
const started = spawn(join(folder, 'node_modules/.bin/spreadworks'), ['start', '--port', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, SPREADWORKS_HOME: home },
})
const giveUp = setTimeout(() => started.kill('SIGKILL'), 120_000)
const [line] = await once(createInterface({ input: started.stdout }), 'line')
const { url } = JSON.parse(String(line))
const page = await fetch(url)
if (!page.ok || !(await page.text()).includes('<div id="root"'))
  throw new Error(`the package's page at ${url} answered ${page.status}`)
started.kill('SIGINT')
const [code] = await once(started, 'exit')
clearTimeout(giveUp)
if (code !== 0) throw new Error(`the package stopped with exit code ${code}`)
