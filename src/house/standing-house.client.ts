import { openAlerting } from './alerting.client.ts'
import { flowPlans } from './flow-plans.client.ts'
import { type House, type HousePlan, openHouse } from './house.client.ts'
import { openScheduling } from './scheduling.client.ts'

/**
 * A house that stays: besides carrying out runs it follows the schedules, tells people of alerts, watches for what does not
 * happen, and beats for those outside. A command that opens a house for its own work does none of that.
 */
export async function openStandingHouse(plan: HousePlan): Promise<House> {
  const house = await openHouse(plan)
  const { settings, database, account, timer, engine: runs } = house
  const { home, credentials, say } = plan
  const sql = database.pool
  const plans = flowPlans({ settings, database, account, runs })
  const duties = new AsyncDisposableStack()
  duties.use(closing(openScheduling({ sql, settings, hasAccount: account !== undefined, runs, plans, timer, say })))
  duties.use(closing(openAlerting({ settings, credentials, sql, runs, home, timer, say })))
  return {
    ...house,
    close: async (drainMs) => {
      await duties.disposeAsync()
      await house.close(drainMs)
    },
  }
}

function closing({ close }: { readonly close: () => Promise<void> }): AsyncDisposable {
  return { [Symbol.asyncDispose]: close }
}
