import { parentPort, workerData } from 'node:worker_threads'
import { nextSession, sessionsBetween } from '#domain/calendar.ts'
import { microUsd } from '#domain/money.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { openExchange } from '../standins/exchange/exchange.server.ts'
import { randomWalkTape } from '../standins/exchange/random-walk.ts'

// An exchange in a thread of its own that has recorded random bars of some symbols and sessions, all of them closed.

const { symbols, from, through } = workerData as { symbols: Symbol_[]; from: SessionDate; through: SessionDate }
const sessions = sessionsBetween(from, through)
const after = nextSession(sessions.at(-1)?.closesAt ?? sessions[0].closesAt)
const { settings } = await readSettingsFiles({})
const exchange = await openExchange({
  tape: randomWalkTape(1, symbols, sessions),
  sessions: [...sessions, after],
  speed: 'max',
  startAt: after.opensAt,
  fillModel: settings.exchange,
  startingCash: microUsd(100_000),
  keys: { keyId: 'bench', secret: 'bench' },
  host: '127.0.0.1',
  port: 0,
})
parentPort?.postMessage({ url: exchange.url, streamUrl: exchange.streamUrl })
