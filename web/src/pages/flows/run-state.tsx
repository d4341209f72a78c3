import type { FlowRun } from '../../../../src/api/contract.ts'
import { Chip } from '../../parts/chip.tsx'
import { STATE_MARKS, STATE_TONES } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'

/** The state of a run, told by word, mark and colour. One that was skipped did nothing, and says so. */
export function RunState({ run: { state, isSkipped } }: { readonly run: Pick<FlowRun, 'state' | 'isSkipped'> }) {
  return (
    <Chip tone={isSkipped ? 'neutral' : STATE_TONES[state]}>
      <span aria-hidden="true">{isSkipped ? '↷' : STATE_MARKS[state]} </span>
      {isSkipped ? 'Skipped' : wordsOf(state)}
    </Chip>
  )
}
