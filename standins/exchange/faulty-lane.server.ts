import { WebSocket } from 'ws'
import type { Faults, ScriptedStream } from './faults.ts'

export type Frame = { readonly payload: Uint8Array | string; readonly bars: number }

/** The way of data frames to one client; the faults of its stream lie on it. Answers to what a client says go past it. */
export type Lane = {
  readonly post: (frame: Frame) => void
  /** Bytes that have not left this process. */
  readonly waitingBytes: () => number
  readonly close: () => void
}

/**
 * Frames leave in the order in which they were posted unless a fault says otherwise. `onSent` hears of each when it is handed
 * to the socket, however often and however late that is.
 */
export function createLane(
  socket: WebSocket,
  {
    faults,
    stream,
    onSent,
  }: { readonly faults: Faults; readonly stream: ScriptedStream; readonly onSent: (frame: Frame) => void },
): Lane {
  const isHere = (fault: { readonly stream: ScriptedStream }) => fault.stream === stream
  let held: Frame | undefined
  let delayed: readonly { readonly frame: Frame; readonly dueAt: number }[] = []
  let timer: NodeJS.Timeout | undefined

  const send = (frame: Frame) => {
    if (socket.readyState !== WebSocket.OPEN) return
    socket.send(frame.payload)
    onSent(frame)
  }
  const sendDue = () => {
    const now = performance.now()
    const due = delayed.filter(({ dueAt }) => dueAt <= now)
    delayed = delayed.slice(due.length)
    for (const { frame } of due) send(frame)
    const [next] = delayed
    timer = next && setTimeout(sendDue, next.dueAt - now)
  }
  const sendSlowly = (frame: Frame) => {
    const delayMs = faults.strike('slow-frames', isHere)?.delayMs ?? 0
    const last = delayed.at(-1)
    if (delayMs === 0 && last === undefined) return send(frame)
    const dueAt = Math.max(performance.now() + delayMs, last?.dueAt ?? 0)
    delayed = [...delayed, { frame, dueAt }]
    timer ??= setTimeout(sendDue, delayMs)
  }
  const post = (frame: Frame) => {
    if (faults.strike('mute-stream', isHere)) return
    if (faults.strike('drop-connection', isHere)) return socket.terminate()
    const before = held
    held = undefined
    if (before === undefined && faults.strike('reorder-frames', isHere)) {
      held = frame
      return
    }
    sendSlowly(frame)
    if (faults.strike('duplicate-frames', isHere)) sendSlowly(frame)
    if (before !== undefined) sendSlowly(before)
  }
  return {
    post,
    waitingBytes: () => socket.bufferedAmount + delayed.reduce((sum, { frame }) => sum + frame.payload.length, 0),
    close: () => clearTimeout(timer),
  }
}
