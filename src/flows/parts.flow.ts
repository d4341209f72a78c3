import { DBOSWorkflowConflictError, Error as EngineError } from '@dbos-inc/dbos-sdk'
import { Fault } from '#domain/fault.ts'

/** A part of a flow that was done, or why it was not. */
export type Part = { readonly part: string; readonly failure: string | undefined }

/** Does a part, whatever becomes of it. Throws only when the run itself does not go on here. */
export async function whatever(part: string, work: () => Promise<unknown>): Promise<Part> {
  try {
    await work()
    return { part, failure: undefined }
  } catch (cause) {
    if (cause instanceof DBOSWorkflowConflictError || cause instanceof EngineError.DBOSWorkflowCancelledError) throw cause
    return { part, failure: cause instanceof Error ? cause.message : String(cause) }
  }
}

/** The parts that failed. */
export function failuresOf(parts: readonly Part[]): Part[] {
  return parts.filter(({ failure }) => failure !== undefined)
}

/** Throws FLOW_PARTS_FAILED when some failed, which names each with its reason. */
export function requireNone(of: string, failed: readonly Part[]): void {
  if (failed.length === 0) return
  const said = failed.map(({ part, failure }) => `${part}: ${failure}`).join(' · ')
  throw new Fault('FLOW_PARTS_FAILED', `Of ${of} not all was done. ${said}`)
}
