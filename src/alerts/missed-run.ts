import { dateInNewYork } from '#domain/calendar.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { NewAlert } from './alert.ts'

/** An occurrence of a flow's schedule at which nobody could begin its run. `willRun`: whether it is made up for. */
export type MissedRun = { readonly flow: string; readonly scheduledFor: EpochMs; readonly willRun: boolean }

/** The keys of every missed run begin with this. */
export const MISSED = 'missed:'

/**
 * The alert of a missed run: one a flow and day in New York, so that a day without any worker is one alert of a flow that runs
 * every five minutes, counted as often as it was missed. Raise those of a flow in the order of their occurrences.
 */
export function missedRun({ flow, scheduledFor, willRun }: MissedRun): NewAlert {
  const day = dateInNewYork(scheduledFor)
  const madeUp = willRun ? 'It is run now.' : 'It is not made up for.'
  return {
    ...{ key: `${MISSED}${flow}:${day}`, severity: 'warning', title: `${flow} did not run on ${day}`, flow, at: scheduledFor },
    body: `Nobody could begin it at ${isoFrom(scheduledFor)}: no process ran, or none reached the database. ${madeUp}`,
  }
}

/** The flow that the key of a missed run names. */
export function flowOfMissed(key: string): string {
  return key.slice(MISSED.length).replace(/:[^:]*$/, '')
}
