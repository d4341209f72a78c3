import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { RehearsalRequest } from '#flows/rehearsal-plan.steps.ts'
import { type House, type HousePlan, openHouse } from '#house/house.client.ts'
import { endOfRehearsal, startRehearsal } from '#house/rehearsals.client.ts'
import { saveBars } from '#market/bars.store.ts'
import { saveSymbols } from '#market/symbols.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { generateMarket } from '#sources/simulated/generate-market.ts'
import { strategy } from '../../strategies/z-score.ts'

export const VERSION = 'test'

/** Sessions of the market: the first two are looked back on, the last two are rehearsed, of which the last is half a day. */
export const SESSIONS = sessionsBetween('2024-06-28' as SessionDate, '2024-07-03' as SessionDate)
export const DAYS: readonly string[] = SESSIONS.slice(2).map(({ date }) => date)
export const [DAY_BEFORE = '', LAST_DAY = ''] = DAYS

/** What makes a rehearsal small: as a process's environment, so that one outside can be given the same. */
export const SMALL = {
  SPREADWORKS_PAIRS_LOOKBACK_SESSIONS: '2',
  SPREADWORKS_PAIRS_MAXIMUM: '2',
  SPREADWORKS_PAIRS_MINIMUM_CORRELATION: '0.3',
  // A fifth of two sessions is too short a tail to ask for proof of reversion, or for a score.
  SPREADWORKS_PAIRS_MAXIMUM_TAIL_P_VALUE: '1',
  SPREADWORKS_PAIRS_MINIMUM_SCORE: '0',
  SPREADWORKS_MODEL_HIDDEN: '8,4',
  SPREADWORKS_MODEL_MAXIMUM_EPOCHS: '2',
  SPREADWORKS_TRAIN_THREADS: '1',
  SPREADWORKS_SIGNALS_STRATEGY: 'z-score',
  SPREADWORKS_SIGNALS_EVERY_MINUTES: '15',
  SPREADWORKS_SIGNALS_ENTRY_Z: '1.5',
  SPREADWORKS_REHEARSAL_SPEED: 'max',
}

/** Stores four companies of two sectors over SESSIONS as the feed `simulated`. */
export async function storeSmallMarket({ pool }: Database): Promise<void> {
  const { bars, listings } = generateMarket({ seed: 7, sectors: 2, symbolsPerSector: 2, sessions: SESSIONS })
  await saveSymbols(pool, listings)
  for (const columns of bars) await saveBars(pool, columns, { timeframe: '1m', feed: 'simulated' })
}

export type SmallHouse = House & { readonly said: readonly string[] }

/** A house on `database`, with the settings of SMALL and `more`. Closing it closes the database. */
export async function openSmallHouse(
  database: Database,
  more: NodeJS.ProcessEnv = {},
  { version = VERSION, ...plan }: Partial<Pick<HousePlan, 'version' | 'exchangeFaults'>> = {},
): Promise<SmallHouse> {
  const { settings, credentials } = await readSettingsFiles({ ...SMALL, ...more })
  const home = await mkdtemp(join(tmpdir(), 'spreadworks-artifacts-'))
  const said: string[] = []
  const say = (sentence: string) => said.push(sentence)
  const house = await openHouse({
    ...{ settings, credentials, database, version, home, say, ...plan },
    strategyNamed: async () => strategy,
  })
  const close = async () => {
    await house.close()
    await rm(home, { recursive: true })
  }
  return { ...house, said, close }
}

/** A request for the last day at full speed, but for what is given. */
export function asked(wanted: Partial<RehearsalRequest> = {}): RehearsalRequest {
  return { day: LAST_DAY, days: 1, sectors: [], speed: undefined, seed: undefined, feed: undefined, ...wanted }
}

/** Rehearses to the end. */
export async function rehearsed(house: House, wanted: Partial<RehearsalRequest> = {}) {
  const parameters = await startRehearsal(house, asked(wanted))
  return {
    ...parameters,
    ...(await endOfRehearsal(house, parameters, { onProgress: () => undefined, signal: new AbortController().signal })),
  }
}
