import type { streaming } from '@alpacahq/alpaca-trade-api'
import type { Line } from './stream-line.client.ts'

/** A stream of which it can be asked whether anything of it may have been lost. */
export type Watched = {
  /** True when nobody listens, or when the line stands and all that the exchange had sent before has come. */
  readonly isWhole: () => Promise<boolean>
}

/** One line that several subscriptions share: opened when it is first needed, and anew when it is needed after it closed. */
export type SharedLine<Stream> = {
  readonly line: () => Promise<Line<Stream>>
  /** As that of the line; false where none is open. */
  readonly answers: () => Promise<boolean>
  readonly close: () => Promise<void>
}

/** A line that `open` opens; what it throws is thrown by `line`, and the next call opens anew. */
export function sharedLine<Stream extends streaming.AlpacaWebSocket>(open: () => Promise<Line<Stream>>): SharedLine<Stream> {
  let opening: Promise<Line<Stream>> | undefined
  const forget = () => {
    opening = undefined
  }
  const opened = async () => {
    try {
      const line = await open()
      line.stream.onDisconnect(forget)
      return line
    } catch (refusal) {
      forget()
      throw refusal
    }
  }
  return {
    line: () => {
      opening ??= opened()
      return opening
    },
    answers: async () => (await (await opening?.catch(() => undefined))?.answers()) ?? false,
    close: async () => {
      // Whoever asked for the line has been told why it did not open.
      const line = await opening?.catch(() => undefined)
      await line?.close()
    },
  }
}
