import { access, realpath, rename } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import { Fault } from '#domain/fault.ts'
import { type Cluster, createCluster, removeUnfinished } from './cluster.server.ts'
import { isLoginRefused } from './connection-fault.ts'
import { freePort } from './free-port.server.ts'
import { keeperGone, keeperOf } from './keeper.server.ts'
import { becomeMember, isLastMember, makeDatabase } from './membership.store.ts'
import { type Running, runningServer, startPostgres, stopPostgres } from './postgres.server.ts'
import { withLock } from './process-lock.file.ts'
import { type Account, accountForServer } from './server-account.server.ts'
import { binariesFor, folderForServer, makeHome, refuseFullDisk } from './server-place.file.ts'
import { lockOf, newPassword, passwordLost, readRecord, urlOf, writeRecord } from './server-record.file.ts'
import { connect } from './session.client.ts'

export type ServerOptions = {
  /** The home folder: `$SPREADWORKS_HOME`. */
  readonly home: string
  /** Megabytes that must be free on its disk. */
  readonly minimumFreeMb: number
  /** Takes a line that a person should read. */
  readonly onNotice: (line: string) => void
}

/** Our share in the embedded server. */
export type Membership = {
  readonly url: string
  /** Gives it up; if it was the last one, the server is gone when this resolves. */
  readonly leave: () => Promise<void>
}

const DATABASE = 'spreadworks'
const SETTLED_WITHIN_MS = 120_000
const REACHED_WITHIN_MS = 10_000
const LOOK_EVERY_MS = 20
const COME_BACK_EVERY_MS = 1000
const SETTINGS = {
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  max_connections: '100',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Starts, stops and what ends a session. A failed statement is told to whoever sent it; so the log stays short.
  log_min_messages: 'log',
  log_checkpoints: 'off',
}

/**
 * Joins the server under `home`, starting it when nobody has, and stays a member until `leave` or the end of the process. When
 * the server itself dies, its members start it again, on the same port. docs/decisions/0001-embedded-server.md says why it is
 * done this way. Throws HOME_NOT_WRITABLE, HOME_CLOSED, HOME_BUSY, DISK_FULL and DATABASE_….
 */
export async function joinEmbeddedServer(options: ServerOptions): Promise<Membership> {
  const home = resolve(options.home)
  await makeHome(home, await accountForServer())
  await refuseFullDisk(home, options.minimumFreeMb)
  const enter = () => withLock(lockOf(home), () => enterServer(home, options.onNotice))
  const entered = await enter()
  const { url, data } = entered
  let [session, isLeaving] = [entered.session, false]
  const comeBack = async (): Promise<void> => {
    if (isLeaving) return
    try {
      const again = await enter()
      session = again.session
      again.ended.then(comeBack)
    } catch (failure) {
      options.onNotice(`The embedded PostgreSQL was lost and could not be started again: ${failure}`)
      await wait(COME_BACK_EVERY_MS)
      await comeBack()
    }
  }
  entered.ended.then(comeBack)
  const leave = async () => {
    isLeaving = true
    await withLock(lockOf(home), () => leaveServer({ home, session, data }))
  }
  return { url, leave }
}

/** To be called under the lock, so that there is one starter and nobody comes while the last one leaves. */
async function enterServer(home: string, onNotice: (line: string) => void): Promise<Entered> {
  const account = await accountForServer()
  const folder = await folderForServer(home, account)
  const data = join(folder, 'data')
  const { session, ended, server } = await becomeMemberOf({ home, folder, data, account, onNotice })
  await makeDatabase(session, DATABASE)
  await recordServer(home, { pid: server.pid, port: server.port, data })
  return { session, ended, url: await urlOf(home, { port: server.port, database: DATABASE }), data }
}

/** A server that was found ready may have been killed at that moment, or be recovering: then it is looked for again. */
async function becomeMemberOf(place: Place): Promise<Member & { readonly server: Running }> {
  for (const giveUpAt = Date.now() + REACHED_WITHIN_MS; ; await wait(LOOK_EVERY_MS)) {
    const found = await settledServer(place.data)
    const server = found ?? (await startServer(place))
    const url = await urlOf(place.home, { port: server.port, database: 'postgres' })
    try {
      const session = await connect(url)
      // Listened to from here on: a server may die again before we have told that it is there.
      const ended = new Promise<void>((resolve) => session.once('end', resolve))
      await becomeMember(session)
      return { session, ended, server }
    } catch (failure) {
      if (!isLoginRefused(failure) && Date.now() < giveUpAt) continue
      if (found === undefined) await stopPostgres(place.data)
      throw isLoginRefused(failure) ? passwordLost(place.home, failure) : failure
    }
  }
}

/** The running server once it takes connections: it may be starting, recovering or stopping now. Undefined when there is none. */
async function settledServer(data: string): Promise<Running | undefined> {
  for (const giveUpAt = Date.now() + SETTLED_WITHIN_MS; Date.now() < giveUpAt; await wait(LOOK_EVERY_MS)) {
    const server = await runningServer(data)
    if (server === undefined || server.isReady) return server
  }
  throw new Fault(
    'DATABASE_START_FAILED',
    `The embedded PostgreSQL on ${data} runs and takes no connections; end its process and try again.`,
  )
}

/** `ended` resolves when the session does, however it ends. */
type Member = { readonly session: pg.Client; readonly ended: Promise<void> }

type Entered = Member & { readonly url: string; readonly data: string }

type Place = {
  readonly home: string
  readonly folder: string
  readonly data: string
  readonly account: Account | undefined
  readonly onNotice: (line: string) => void
}

async function startServer({ home, folder, data, account, onNotice }: Place): Promise<Running> {
  if (dirname(folder) !== (await realpath(home))) {
    onNotice(`The database's own user cannot reach ${home}; its data is kept in ${folder} instead.`)
  }
  await removeUnfinished(data)
  const cluster: Cluster = { binaries: await binariesFor(account, home), data, account }
  if (!(await isCluster(data))) await createCluster(cluster, await newPassword(home))
  const log = join(home, 'postgres.log')
  // What the server said before it ended may tell why it did.
  await rename(log, `${log}.previous`).catch(() => undefined)
  const port = await freePort((await readRecord(home))?.port ?? 0)
  return startPostgres(cluster, { port, log, settings: SETTINGS })
}

/** Also of a server whose starter was killed before it could. */
async function recordServer(
  home: string,
  server: { readonly pid: number; readonly port: number; readonly data: string },
): Promise<void> {
  const before = await readRecord(home)
  const keeper = await keeperOf({ home, ...server }, before?.keeper)
  if (before?.pid !== server.pid || before.keeper?.pid !== keeper?.pid) await writeRecord(home, { ...server, keeper })
}

function isCluster(data: string): Promise<boolean> {
  return access(join(data, 'PG_VERSION')).then(
    () => true,
    () => false,
  )
}

async function leaveServer({ home, session, data }: { home: string; session: pg.Client; data: string }): Promise<void> {
  // A broken session cannot tell; the keeper stops a server without members.
  const isLast = await isLastMember(session).catch(() => false)
  if (isLast) {
    await stopPostgres(data)
    await keeperGone(home)
  } else await session.end()
}
