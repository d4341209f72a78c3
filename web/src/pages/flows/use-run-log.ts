import { useEffect, useState } from 'react'
import type { LogLine } from '../../../../src/api/contract.ts'

const MOST_LINES = 2_000
const FIRST_LINES = 500

export type RunLog = {
  readonly lines: readonly LogLine[]
  /** `waiting` until the first answer; `lost` while the connection is away and tried again. */
  readonly state: 'waiting' | 'following' | 'lost' | 'ended'
}

const NOTHING_YET: RunLog = { lines: [], state: 'waiting' }

/** A run's lines of `level` and above, as they are written. The browser itself comes back after a drop, naming the last line that it saw. */
export function useRunLog(runId: string, level: LogLine['level']): RunLog {
  const [log, setLog] = useState<RunLog>(NOTHING_YET)
  useEffect(() => {
    setLog(NOTHING_YET)
    const search = new URLSearchParams({ follow: 'true', level, limit: String(FIRST_LINES) })
    const stream = new EventSource(`/api/runs/${encodeURIComponent(runId)}/logs?${search}`)
    let held: LogLine[] = []
    let frame: number | undefined
    const show = (state: RunLog['state']) => {
      if (frame !== undefined) cancelAnimationFrame(frame)
      // Lines come in bursts; they are drawn once a frame.
      frame = requestAnimationFrame(() => setLog({ lines: held, state }))
    }
    stream.onopen = () => show('following')
    stream.onmessage = ({ data }) => {
      held = [...held, JSON.parse(data) as LogLine].slice(-MOST_LINES)
      show('following')
    }
    stream.onerror = () => show('lost')
    stream.addEventListener('end', () => {
      stream.close()
      show('ended')
    })
    return () => {
      if (frame !== undefined) cancelAnimationFrame(frame)
      stream.close()
    }
  }, [runId, level])
  return log
}
