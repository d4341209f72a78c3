import { encode } from '@msgpack/msgpack'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { createDataSockets, type DataSockets } from './data-sockets.server.ts'
import type { Faults } from './faults.ts'
import type { StreamKeys } from './market-session.ts'
import { type Newswire, newsFrame } from './news.ts'
import type { StreamLimits } from './stream-limits.ts'
import { instantIn } from './tick-frames.ts'

export type NewsStream = Omit<DataSockets<readonly string[]>, 'listening' | 'barsSent'> & {
  /** Sends the stories that can be shown since the last call, up to and including `at`. */
  readonly emit: (at: EpochMs) => void
}

/** Alpaca's news stream: every story in a frame of its own, when the replayed clock comes to it. Nothing before `since` is sent. */
export function createNewsStream(terms: {
  readonly keys: StreamKeys
  readonly wire: Newswire
  readonly since: EpochMs
  readonly limits: StreamLimits
  readonly faults: Faults
}): NewsStream {
  const sockets = createDataSockets<readonly string[]>({
    ...terms,
    stream: 'news',
    feed: 'news',
    wishOf: ({ subscriptions }) => (subscriptions.news.length === 0 ? undefined : subscriptions.news),
  })
  let told = terms.since
  const emit = (at: EpochMs) => {
    if (at <= told) return
    const stories = terms.wire(epochMs(told + 1), at)
    told = at
    for (const story of stories) {
      for (const { codec, wish, lane } of sockets.listening()) {
        if (!wish.includes('*') && !story.symbols.some((symbol) => wish.includes(symbol))) continue
        const frame = [newsFrame(story, instantIn(codec))]
        lane.post({ payload: codec === 'msgpack' ? encode(frame) : JSON.stringify(frame), bars: 0 })
      }
    }
  }
  const { listening: _, barsSent: __, ...open } = sockets
  return { ...open, emit }
}
