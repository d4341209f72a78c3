import { setTimeout as delay } from 'node:timers/promises'
import { type RandomStream, randomStream } from '#domain/random.ts'
import { epochMs } from '#domain/units.ts'
import { type Interval, LEASE_MS, type MonthWorkerOptions } from './month-settings.ts'
import type { MortalDatabase } from './own-postgres.ts'
import { until } from './traces.ts'
import { type ProbeWorker, startEntry } from './worker-process.ts'

const ENTRY = new URL('./month-worker.ts', import.meta.url)
const START_WITHIN_MS = 60_000
/** A worker that was told to stop ends within this, unless its database is gone. */
const ENDED_WITHIN_MS = 15_000
/** What was disturbed is not taken for undisturbed for so long after it. */
const CALM_AFTER_MS = 1_500

/** A place that a process is kept at: another one begins whenever it has ended. */
export type Post = { readonly name: string; readonly isServer: boolean; worker: ProbeWorker | undefined }

export type Crew = {
  readonly posts: readonly Post[]
  /** A worker that is never struck, so that what grows over a month can be seen in it. */
  readonly steady: ProbeWorker
  /** Process ids of workers that were frozen once. */
  readonly frozen: ReadonlySet<number>
  /** When something was down or came up. */
  readonly disturbed: Interval[]
  /** Processes that ended by themselves, each with its last words. */
  readonly died: string[]
  /** One blow, by the next draw; resolves when it is over, though not what follows from it. */
  readonly strike: (random: RandomStream) => Promise<string>
  /** Ends all of them as a person would; resolves when they have ended. */
  readonly close: () => Promise<void>
}

export type CrewPlan = {
  /** Undefined where PostgreSQL is not struck. */
  readonly server: Pick<MortalDatabase, 'kill'> | undefined
  readonly options: Omit<MonthWorkerOptions, 'isServer'>
  readonly posts: readonly Pick<Post, 'name' | 'isServer'>[]
  /** A place that was left empty is filled after a while of this length at most, milliseconds. */
  readonly emptyMs: number
  readonly seed: number
}

type Duty = CrewPlan & {
  readonly died: string[]
  readonly disturbed: Interval[]
  readonly frozen: Set<number>
  isClosing: boolean
}

/** Opens a crew of workers that come back whatever becomes of them. */
export async function openCrew(plan: CrewPlan): Promise<Crew> {
  const duty: Duty = { ...plan, died: [], disturbed: [], frozen: new Set(), isClosing: false }
  const posts = plan.posts.map((post): Post => ({ ...post, worker: undefined }))
  const kept = posts.map((post) => keep(duty, post))
  const steady = await startEntry(ENTRY, { ...plan.options, isServer: false })
  steady.ended.then((code) => {
    if (!duty.isClosing) duty.died.push(`steady ended with ${code}: ${steady.said.slice(-3).join(' · ')}`)
  })
  await until(async () => (posts.every(({ worker }) => worker !== undefined) ? true : undefined), START_WITHIN_MS)
  return {
    ...{ posts, steady, frozen: duty.frozen, disturbed: duty.disturbed, died: duty.died },
    strike: (random) => strike(duty, posts, random),
    close: async () => {
      duty.isClosing = true
      const all = () => [steady, ...posts.flatMap(({ worker }) => worker ?? [])]
      for (const worker of all()) worker.send('SIGTERM')
      const ended = Promise.all([steady.ended, ...kept])
      await Promise.race([ended, delay(ENDED_WITHIN_MS, undefined, { ref: false })])
      for (const worker of all()) worker.send('SIGKILL')
      await ended
    },
  }
}

async function keep(duty: Duty, post: Post): Promise<void> {
  const random = randomStream(duty.seed, 'post', post.name)
  let from = Date.now()
  while (!duty.isClosing) {
    const worker = await startEntry(ENTRY, { ...duty.options, isServer: post.isServer }).catch(() => undefined)
    duty.disturbed.push({ from: epochMs(from), until: epochMs(Date.now() + CALM_AFTER_MS) })
    if (worker === undefined) continue
    if (duty.isClosing) worker.send('SIGTERM')
    post.worker = worker
    const code = await worker.ended
    post.worker = undefined
    from = Date.now()
    // It ends with 1 when it woke and another had its place, with 0 when it was asked to.
    if (code !== null && code !== 0 && !duty.frozen.has(worker.pid))
      duty.died.push(`${post.name} ended with ${code}: ${worker.said.slice(-3).join(' · ')}`)
    if (!duty.isClosing) await delay(random.below(duty.emptyMs))
  }
}

async function strike(duty: Duty, posts: readonly Post[], random: RandomStream): Promise<string> {
  const [draw, place] = [random.uniform(), random.below(posts.length)]
  const isAny = async () => (posts.some(({ worker }) => worker !== undefined) ? true : undefined)
  if (duty.server === undefined) await until(isAny, START_WITHIN_MS)
  const alive = posts.filter(({ worker }) => worker !== undefined)
  const post = alive[place % Math.max(1, alive.length)]
  const from = Date.now()
  const kind = await struck(duty, post, draw)
  duty.disturbed.push({ from: epochMs(from), until: epochMs(Date.now() + CALM_AFTER_MS) })
  return kind
}

async function struck({ server, frozen }: Duty, post: Post | undefined, draw: number): Promise<string> {
  if (server !== undefined && (draw < 0.12 || post === undefined)) {
    const signal = draw < 0.04 ? 'SIGKILL' : 'SIGQUIT'
    await server.kill(signal)
    return `postgres ${signal}`
  }
  const worker = post?.worker
  if (post === undefined || worker === undefined) return 'nobody'
  const name = post.isServer ? 'server' : 'worker'
  if (draw >= 0.12 && draw < 0.22) {
    frozen.add(worker.pid)
    worker.send('SIGSTOP')
    await delay(LEASE_MS * 1.5)
    worker.send('SIGCONT')
    return `${name} frozen`
  }
  const signal = draw < 0.32 ? 'SIGTERM' : 'SIGKILL'
  worker.send(signal)
  await worker.ended
  return `${name} ${signal}`
}
