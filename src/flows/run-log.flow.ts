import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { type LogLevel, saveLog } from './logs.store.ts'

/** The log of the run whose step calls it. */
export type RunLog = Readonly<Record<LogLevel, (message: string, fields?: object) => Promise<void>>>

/** Lines go to the run that is under way where they are written, and to its step `step`. */
export function runLog(sql: Pool, step: string): RunLog {
  const at = (level: LogLevel) => (message: string, fields?: object) => {
    const runId = DBOS.workflowID
    if (runId === undefined) throw new RangeError('outside of a run there is no log of one')
    return saveLog(sql, { runId, step, level, message, ...(fields === undefined ? {} : { fields }) })
  }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}
