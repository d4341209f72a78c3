import type { Settings } from '#settings/schema.ts'
import { CATALOG } from './catalog.ts'
import type { FlowName } from './flow-names.ts'

/**
 * The phrase of each flow that a process with these settings may begin by itself, empty where it is not to. Without an account the flows
 * that need one are left out: whatever a process with an account does about them is none of this one's business.
 */
export function schedulesOf({ schedules }: Pick<Settings, 'schedules'>, hasAccount: boolean): ReadonlyMap<FlowName, string> {
  const phrases: readonly (readonly [FlowName, string])[] = [
    ['start-of-day', schedules.startOfDay],
    ['market-stream', schedules.marketStream],
    ['signals', schedules.signals],
    ['hourly', schedules.hourly],
    ['end-of-day', schedules.endOfDay],
    ['recycler-check', schedules.recyclerCheck],
    ['backup', schedules.backup],
    ['housekeeping', schedules.housekeeping],
    ['load-history', schedules.loadHistory],
    ['load-companies', schedules.loadCompanies],
    ['load-news', schedules.loadNews],
    ['maintain-symbols', schedules.maintainSymbols],
  ]
  return new Map(phrases.filter(([flow]) => hasAccount || !CATALOG[flow].needsAccount))
}
