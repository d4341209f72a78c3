import { passing, type Timer } from '#sources/alpaca/timer.ts'
import { withoutSecrets } from './channel.ts'
import { speakOnce } from './speak-once.ts'

export type HeartbeatOptions = {
  /** Asked with GET while all is well. */
  readonly url: string
  readonly everyMs: number
  readonly timeoutMs: number
  /** Why this process is not well; undefined when it is. May hang or throw: then nothing is sent either. */
  readonly illness: () => Promise<string | undefined>
  readonly timer: Timer
  readonly onTrouble: (sentence: string) => void
}

/**
 * Tells somebody outside, at once and then every `everyMs`, that this process lives and is well, so that they notice when it says
 * nothing any more: the only alarm that a machine without power still gives.
 */
export function openHeartbeat(options: HeartbeatOptions): { readonly close: () => Promise<void> } {
  const { everyMs, timer, onTrouble, url } = options
  const ending = new AbortController()
  const trouble = speakOnce((sentence) => onTrouble(withoutSecrets(sentence, [url])), 'No heartbeat was sent')
  const loop = async () => {
    for (; !ending.signal.aborted; await passing(timer, everyMs, ending.signal)) await trouble(beat(options, ending.signal))
  }
  const beating = loop()
  return {
    close: async () => {
      ending.abort()
      await beating
    },
  }
}

async function beat({ url, timeoutMs, illness }: HeartbeatOptions, ending: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([ending, AbortSignal.timeout(timeoutMs)])
  const ill = await Promise.race([illness(), tooLong(signal)])
  if (ending.aborted) return
  if (ill !== undefined) throw new Error(ill)
  try {
    const { ok, status, body } = await fetch(url, { signal, redirect: 'follow' })
    await body?.cancel()
    if (!ok) throw new Error(`the receiver answered ${status}.`)
  } catch (failure) {
    if (!ending.aborted) throw failure
  }
}

function tooLong(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const tell = () => resolve('this process did not find out in time whether it is well.')
    if (signal.aborted) tell()
    else signal.addEventListener('abort', tell, { once: true })
  })
}
