import { z } from 'zod'
import { backtestBook } from '#domain/book.ts'
import { lastSessionClosedBy } from '#domain/calendar.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type FlowPlan, flowPlan, repeatedRunId } from '#flows/plans.ts'
import type { RecyclerCheckParameters } from '#flows/recycler-check.flow.ts'
import { rulesOf } from '#flows/rehearsal-plan.steps.ts'
import type { Settings } from '#settings/schema.ts'

/** A check of the last session for which no bars have to be stored; its id and its facts are those of the real plan. */
export function recyclerPlan(settings: Settings): FlowPlan {
  return flowPlan({ flow: 'recycler-check', request: z.strictObject({}) }, async (_, { at }, time) => {
    const day = lastSessionClosedBy(at).date
    const runId = repeatedRunId(`recycler-check-${day}`, time)
    const book = backtestBook(runId)
    const symbols = ['XOM', 'CVX'] as Symbol_[]
    const asked = { ...{ book, symbols, sectors: [], feed: settings.alpaca.feed }, days: [day], speed: 'max', seed: 1 } as const
    const parameters: RecyclerCheckParameters = { rehearsal: { ...asked, rules: rulesOf(settings) } }
    return { runId, parameters, facts: { day, book } }
  })
}
