import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from './process-lock.file.ts'
import { processRun } from './process-start.file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spreadworks-lock-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Runs eight works under the lock at once; the most that ran at the same time. */
async function mostAtOnce(lock: string): Promise<number> {
  let [running, most] = [0, 0]
  const work = async () => {
    most = Math.max(most, ++running)
    await readdir(folder)
    running--
  }
  await Promise.all(Array.from({ length: 8 }, () => withLock(lock, work)))
  return most
}

test('one at a time, and nothing is left behind', async () => {
  expect(await mostAtOnce(join(folder, 'lock'))).toBe(1)
  expect(await readdir(folder)).toEqual([])
})

test.each([
  { holder: 'a process that is gone', pid: 4_194_305 },
  { holder: 'a process whose id another process has now', pid: process.pid },
])('a lock of $holder is broken, by one of those who wait', async ({ pid }) => {
  await writeFile(join(folder, 'lock'), JSON.stringify({ pid, startedAt: 'long ago', ticket: 'lock.ticket' }))
  await writeFile(join(folder, 'lock.ticket'), '')
  expect(await mostAtOnce(join(folder, 'lock'))).toBe(1)
  expect(await readdir(folder)).toEqual([])
})

test('a lock of a living process is waited for', async () => {
  const lock = join(folder, 'lock')
  await writeFile(lock, JSON.stringify({ ...(await processRun(process.ppid)), ticket: 'lock.ticket' }))
  const events: string[] = []
  const waiting = withLock(lock, async () => events.push('entered'))
  await withLock(join(folder, 'other'), async () => events.push('still held'))
  await rm(lock)
  await waiting
  expect(events).toEqual(['still held', 'entered'])
})

test('the lock is free again after work that throws', async () => {
  const lock = join(folder, 'lock')
  await expect(withLock(lock, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await withLock(lock, async () => 'free')).toBe('free')
})
