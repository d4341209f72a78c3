import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { joinEmbeddedServer, type Membership } from './embedded.server.ts'
import { runningServer } from './postgres.server.ts'
import { isRunning, processRun } from './process-start.file.ts'
import { readRecord } from './server-record.file.ts'

let folder: string
let home: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spreadworks-embedded-'))
  // Root's server runs as another user, who must be able to pass.
  await chmod(folder, 0o711)
  home = join(folder, 'home')
})
afterAll(() => rm(folder, { recursive: true }))

const joinHere = (): Promise<Membership> => joinEmbeddedServer({ home, minimumFreeMb: 1, onNotice: () => undefined })

/** Another process that joins, says the server's address, and stays until it is killed. */
async function anotherMember(): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const code = `
    const { joinEmbeddedServer } = await import(${JSON.stringify(new URL('./embedded.server.ts', import.meta.url).href)})
    console.log((await joinEmbeddedServer({ home: ${JSON.stringify(home)}, minimumFreeMb: 1, onNotice: () => undefined })).url)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = await once(createInterface(child.stdout), 'line')
  return { process: child, url: String(url) }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url)
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  )
}

test('a starter and a joiner meet at first start; the joiner outlives the starter’s kill and stops the server as the last', async () => {
  const [starter, other] = await Promise.all([anotherMember(), anotherMember()])
  expect(starter.url).toBe(other.url)
  await kill(starter.process)
  const member = await joinHere()
  await kill(other.process)
  expect(await answers(member.url)).toBe(true)
  const keeper = (await readRecord(home))?.keeper
  await member.leave()
  expect(await answers(member.url)).toBe(false)
  expect(keeper !== undefined && (await isRunning(keeper))).toBe(false)
  expect((await readdir(home)).toSorted()).toEqual(['postgres', 'postgres.log', 'postgres.password', 'server.json'])
})

test('after everything was killed, the next start recovers by itself, on the same port', async () => {
  const { process: member, url } = await anotherMember()
  const record = await readRecord(home)
  await kill(member)
  process.kill(record?.pid ?? 0, 'SIGKILL')
  process.kill(record?.keeper?.pid ?? 0, 'SIGKILL')
  const next = await joinHere()
  expect(next.url).toBe(url)
  expect(await answers(url)).toBe(true)
  await next.leave()
})

test('a left-over that names a living process of another kind is not taken for the server', async () => {
  const data = join(home, 'postgres', 'data')
  await writeFile(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n1\n5432\n\n127.0.0.1\n  1 1\nready   \n`)
  expect(await runningServer(data)).toBeUndefined()
})

test('members start a server that died again', async () => {
  const member = await joinHere()
  const before = await readRecord(home)
  process.kill(before?.pid ?? 0, 'SIGKILL')
  await expect.poll(async () => (await readRecord(home))?.pid, { interval: 20, timeout: 5000 }).not.toBe(before?.pid)
  expect(await answers(member.url)).toBe(true)
  await member.leave()
})

test('what a killed postmaster left at work is ended before another server begins', async () => {
  const member = await joinHere()
  const left = new pg.Client(member.url)
  left.on('error', () => undefined)
  await left.connect()
  const { rows } = await left.query<{ pid: number }>('select pg_backend_pid() as pid')
  // It looks neither at its client nor at its postmaster while it counts.
  const counted = left.query('select count(*) from generate_series(1, 1000000000)').catch(() => 'ended')
  const before = await readRecord(home)
  process.kill(before?.pid ?? 0, 'SIGKILL')
  await expect.poll(async () => (await readRecord(home))?.pid, { interval: 20, timeout: 5000 }).not.toBe(before?.pid)
  expect(await processRun(rows[0]?.pid ?? 0)).toBeUndefined()
  expect(await counted).toBe('ended')
  expect(await answers(member.url)).toBe(true)
  await member.leave()
})

test('a server that dies as soon as it is back is started again too', async () => {
  const member = await joinHere()
  for (let time = 1; time <= 3; time++) {
    const before = (await readRecord(home))?.pid ?? 0
    process.kill(before, 'SIGQUIT')
    await expect.poll(async () => (await readRecord(home))?.pid, { interval: 1, timeout: 5000 }).not.toBe(before)
  }
  await expect.poll(() => answers(member.url).catch(() => false), { interval: 20, timeout: 5000 }).toBe(true)
  await member.leave()
})

test('a lost password is told, and the server that could not be entered is stopped again', async () => {
  await rename(join(home, 'postgres.password'), join(folder, 'kept'))
  await writeFile(join(home, 'postgres.password'), 'guessed')
  await expect(joinHere()).rejects.toMatchObject({ code: 'DATABASE_PASSWORD_LOST' })
  expect(await runningServer(join(home, 'postgres', 'data'))).toBeUndefined()
  await rename(join(folder, 'kept'), join(home, 'postgres.password'))
})

test('a full disk is told before anything starts', async () => {
  const full = joinEmbeddedServer({ home, minimumFreeMb: 1e12, onNotice: () => undefined })
  await expect(full).rejects.toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('database.minimum_free_mb') })
})
