import type { Pool } from 'pg'
import type { IdentifyPairsSteps } from './identify-pairs.flow.ts'
import { preparedHash } from './preparations.store.ts'
import { runLog } from './run-log.flow.ts'
import { screenDay } from './screen-day.steps.ts'
import { openBookOfDay } from './start-of-day.steps.ts'

export function identifyPairsSteps(sql: Pool, threads: number): IdentifyPairsSteps {
  return {
    openBook: (day) => openBookOfDay(sql, day),
    screen: async (day, preparationId) => {
      const { shortlist, dataHash } = await screenDay(sql, day, threads)
      if (dataHash !== (await preparedHash(sql, preparationId)))
        await runLog(sql, 'screen').warn(
          'Bars were stored or corrected after they were prepared; the screen read the newer ones.',
        )
      return shortlist
    },
  }
}
