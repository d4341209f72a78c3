import { setImmediate } from 'node:timers/promises'
import type { TableRow } from '#domain/bar-table.ts'
import type { EpochMs } from '#domain/units.ts'
import type { MarketNews } from '#sources/alpaca/market-news.ts'
import type { Timer } from '#sources/alpaca/timer.ts'

/**
 * What the clients of one collector are at, so that whoever drives its time knows when to let it stand still: `fetch` and
 * `dialling` are handed to them in place of the real ones, and `hear` is told what their stream tells.
 */
export function watchClients(timer: Timer) {
  const news: { readonly at: EpochMs; readonly kind: MarketNews['kind'] }[] = []
  const told: TableRow[] = []
  const waiting: (() => void)[] = []
  let [asking, isDialling, isUp] = [0, true, false]
  const happened = () => {
    for (const goOn of waiting.splice(0)) goOn()
  }
  const next = () => new Promise<void>((resolve) => waiting.push(resolve))
  const counted: typeof fetch = async (...request) => {
    asking++
    try {
      const answer = await fetch(...request)
      return new Response(await answer.arrayBuffer(), answer)
    } finally {
      asking--
      happened()
    }
  }
  /** The stream's own timer: what it puts off is not under way, and is when its time has come. */
  const dialling: Timer = {
    now: timer.now,
    after: (ms, run) => {
      isDialling = false
      happened()
      return timer.after(ms, () => {
        isDialling = true
        run()
      })
    },
  }
  const hear = (one: MarketNews) => {
    news.push({ at: timer.now(), kind: one.kind })
    if (one.kind === 'bars') told.push(...one.rows)
    // After a loss it puts the next dial off as soon as the socket is gone.
    if (one.kind === 'up' || one.kind === 'down') {
      isUp = one.kind === 'up'
      isDialling = !isUp
    }
    happened()
  }
  return {
    ...{ fetch: counted, dialling, hear, news, told },
    isUp: () => isUp,
    /** Resolves when nothing is asked and no connection is being made. */
    settled: async () => {
      for (await setImmediate(); asking > 0 || isDialling; await setImmediate()) await next()
    },
    /** Resolves when the stream is down, or `isThere` holds. */
    downOr: async (isThere: () => boolean) => {
      while (isUp && !isThere()) await next()
    },
  }
}
