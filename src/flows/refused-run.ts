import type { NewAlert } from '#alerts/alert.ts'
import { MISSED } from '#alerts/missed-run.ts'
import { dateInNewYork } from '#domain/calendar.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { FlowName } from './flow-names.ts'

/** An occurrence of a flow's schedule whose run cannot be planned, and why. */
export type RefusedRun = { readonly flow: FlowName; readonly scheduledFor: EpochMs; readonly sentence: string }

/** The alert of such an occurrence: the same as of a missed run, one a flow and day in New York, with another reason. */
export function refusedRun({ flow, scheduledFor, sentence }: RefusedRun): NewAlert {
  const day = dateInNewYork(scheduledFor)
  return {
    ...{ key: `${MISSED}${flow}:${day}`, severity: 'warning', title: `${flow} did not run on ${day}`, flow, at: scheduledFor },
    body: `Its run of ${isoFrom(scheduledFor)} could not begin: ${sentence}`,
  }
}
