import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { epochMs } from '#domain/units.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { openHeartbeat } from './heartbeat.client.ts'
import { httpReceiver } from './receivers.server.ts'

const MINUTE = 60_000
const opened: { close: () => void | Promise<void> }[] = []
afterEach(async () => {
  for (const { close } of opened.splice(0).reverse()) await close()
})

async function receiver(status = () => 200) {
  const waiting: (() => void)[] = []
  const made = await httpReceiver((response) => {
    response.writeHead(status()).end()
    for (const goOn of waiting.splice(0)) goOn()
  })
  opened.push(made)
  /** Resolves when `count` beats have come in all. */
  const beats = async (count: number) => {
    for (; made.posted.length < count; await new Promise<void>((resolve) => waiting.push(resolve)));
  }
  return { ...made, beats }
}

test('a process that is killed is noticed by the one that listens, within two minutes at a beat a minute', async () => {
  // A minute is 300 ms here, for the process and for who listens to it.
  const scaledMinute = 300
  const { url, beats, posted } = await receiver()
  const alarm = new Promise<number>((resolve) => {
    let seen = 0
    let silentSince = performance.now()
    const looking = setInterval(() => {
      if (posted.length > seen) [seen, silentSince] = [posted.length, performance.now()]
      if (seen > 0 && performance.now() - silentSince >= 1.5 * scaledMinute) resolve(performance.now())
    }, 5)
    opened.push({ close: () => clearInterval(looking) })
  })
  const child = spawn(process.execPath, ['--input-type=module', '-e', childCode(url, scaledMinute)], { stdio: 'inherit' })
  const ended = once(child, 'exit')
  await beats(3)
  child.kill('SIGKILL')
  const killedAt = performance.now()
  await ended
  const minutes = ((await alarm) - killedAt) / scaledMinute
  expect(minutes).toBeLessThan(2)
  expect(minutes).toBeGreaterThan(0.5)
})

function childCode(url: string, everyMs: number): string {
  const file = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
  return `
    const { openHeartbeat } = await import(${file('./heartbeat.client.ts')})
    const { WALL_TIMER } = await import(${file('../sources/alpaca/wall-timer.client.ts')})
    openHeartbeat({ url: '${url}/ping', everyMs: ${everyMs}, timeoutMs: 1000, illness: async () => undefined, timer: WALL_TIMER, onTrouble: console.error })
    setInterval(() => {}, 1000)`
}

test('one that is ill says nothing outside and once why, and beats again when it is well', async () => {
  const { url, beats, posted } = await receiver()
  const timer = virtualTimer(epochMs(0))
  const troubles: string[] = []
  const told: (() => void)[] = []
  let illness: string | undefined = 'the database does not answer.'
  const heartbeat = openHeartbeat({
    ...{ url, everyMs: MINUTE, timeoutMs: 1000, timer },
    illness: async () => illness,
    onTrouble: (sentence) => {
      troubles.push(sentence)
      for (const goOn of told.splice(0)) goOn()
    },
  })
  opened.push(heartbeat)
  if (troubles.length === 0) await new Promise<void>((resolve) => told.push(resolve))
  await timer.advance(3 * MINUTE)
  expect(posted).toEqual([])
  illness = undefined
  await timer.advance(MINUTE)
  await beats(1)
  expect(troubles).toEqual(['No heartbeat was sent: the database does not answer.'])
})

test('a look at one’s own health that hangs counts as illness, and a receiver that refuses is told without its address', async () => {
  const { url } = await receiver(() => 404)
  const troubles: string[] = []
  const all = Promise.withResolvers<void>()
  const onTrouble = (sentence: string) => {
    troubles.push(sentence)
    if (troubles.length === 2) all.resolve()
  }
  const terms = { url: `${url}/secret-place`, everyMs: MINUTE, timer: virtualTimer(epochMs(0)), onTrouble }
  opened.push(openHeartbeat({ ...terms, timeoutMs: 30, illness: () => new Promise(() => undefined) }))
  opened.push(openHeartbeat({ ...terms, timeoutMs: 5000, illness: async () => undefined }))
  await all.promise
  expect(troubles.sort()).toEqual([
    'No heartbeat was sent: the receiver answered 404.',
    'No heartbeat was sent: this process did not find out in time whether it is well.',
  ])
})
