import type { Feed } from '#domain/bars.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import { ASKED_OVER_NETWORK } from './retries.ts'
import { step } from './step.flow.ts'

export type SymbolsParameters = {
  /** The feed whose bars are looked for. */
  readonly feed: Feed
  /** The sessions of the feed before this day are looked at. */
  readonly day: SessionDate
  readonly at: EpochMs
  /** Days of the calendar that are compared with the exchange's. */
  readonly calendar: { readonly from: SessionDate; readonly through: SessionDate }
}

/** Symbols of which something was found, and days on which the calendars differ; 0 where no broker is asked. */
export type SymbolsMaintained = { readonly changed: number; readonly isDoubted: boolean; readonly calendarDiffers: number }

export type MaintainSymbolsSteps = {
  readonly look: (parameters: SymbolsParameters) => Promise<Pick<SymbolsMaintained, 'changed' | 'isDoubted'>>
  readonly checkCalendar: (parameters: SymbolsParameters) => Promise<number>
}

/** What became of the symbols, then whether our calendar is the exchange's. Throws BROKER_UNAVAILABLE. */
export const maintainListings =
  (steps: MaintainSymbolsSteps) =>
  async (parameters: SymbolsParameters): Promise<SymbolsMaintained> => {
    const looked = await step('maintain-symbols', () => steps.look(parameters), ASKED_OVER_NETWORK)
    const calendarDiffers = await step('check-calendar', () => steps.checkCalendar(parameters), ASKED_OVER_NETWORK)
    return { ...looked, calendarDiffers }
  }
