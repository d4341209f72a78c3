import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshDatabase } from './database.ts'

const LAUNCHER = join(import.meta.dirname, '../spreadworks')
const { PATH = '' } = process.env

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spreadworks-launcher-'))
  // Open, so that root's database stays in it too.
  await chmod(folder, 0o755)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

type Settings = Readonly<Record<string, string>>

function launch(words: readonly string[], settings: Settings, launcher = LAUNCHER): ChildProcess {
  return spawn(launcher, words, {
    cwd: '/',
    env: { PATH, HOME: folder, SPREADWORKS_HOME: join(folder, 'home'), SPREADWORKS_YAHOO_ENABLED: 'false', ...settings },
  })
}

/** What a command says on both of its outputs, and its exit code. */
async function outcomeOf(command: ChildProcess): Promise<{ said: string; complained: string; code: number }> {
  const { stdout, stderr } = command
  if (stdout === null || stderr === null) throw new Error('the outputs of the command are not piped')
  const [said, complained, [code]] = await Promise.all([text(stdout), text(stderr), once(command, 'exit')])
  return { said, complained, code }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('the launcher', () => {
  test('works from any working folder and through a link', async () => {
    const link = join(folder, 'spreadworks')
    await symlink(LAUNCHER, link)
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../package.json'), 'utf8'))
    expect(await outcomeOf(launch(['--version'], {}, link))).toEqual({ said: `${version}\n`, complained: '', code: 0 })
  })

  test('says in one sentence that the home folder cannot be written to', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    const { said, complained, code } = await outcomeOf(launch(['start'], { SPREADWORKS_HOME: join(file, 'home') }))
    expect(complained).toMatch(/^spreadworks: The folder \S+ cannot be made or written to; .*\. \(HOME_NOT_WRITABLE\)\n$/)
    expect({ said, code }).toEqual({ said: '', code: 1 })
  })

  test('says in one sentence that the port is taken', async () => {
    const database = await freshDatabase()
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const address = holder.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { said, complained, code } = await outcomeOf(launch(['start', '--port', `${port}`], { DATABASE_URL: database.url }))
    holder.close()
    await database.close()
    expect(complained).toMatch(new RegExp(`^spreadworks: Port ${port} on 127.0.0.1 is taken .*\\. \\(PORT_TAKEN\\)\n$`))
    expect({ said, code }).toEqual({ said: '', code: 1 })
  })

  test('leaves no process and no lock after a Ctrl-C, even when npm hands on the same one again', async () => {
    const home = join(folder, 'stopped')
    const started = launch(['start', '--port', '0', '--json'], { SPREADWORKS_HOME: home })
    if (started.stdout === null) throw new Error('the output of the command is not piped')
    const [line] = await once(createInterface({ input: started.stdout }), 'line')
    expect(JSON.parse(line).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const { pid, keeper } = JSON.parse(await readFile(join(home, 'server.json'), 'utf8'))
    started.kill('SIGINT')
    // Another name than the first, since two of one name may arrive as one.
    started.kill('SIGTERM')
    const stoppingAt = performance.now()
    const [code] = await once(started, 'exit')
    expect(performance.now() - stoppingAt).toBeLessThan(5000)
    expect({ code, server: isAlive(pid), keeper: isAlive(keeper.pid) }).toEqual({ code: 0, server: false, keeper: false })
    expect((await readdir(home)).filter((name) => name.includes('lock'))).toEqual([])
  })
})
