import { streaming } from '@alpacahq/alpaca-trade-api'
import type { TableRow } from '#domain/bar-table.ts'
import type { Fault } from '#domain/fault.ts'
import {
  areSubscribed,
  type MarketChannels,
  type MarketNews,
  type TradingStatus,
  tableRowFrom,
  tradingStatusFrom,
} from './market-news.ts'
import { reconnectPauseMs, STEADY_MS } from './reconnect.ts'
import { type Line, type LineTerms, openLine, told } from './stream-line.client.ts'
import type { Timer } from './timer.ts'

export type MarketStreamTerms = LineTerms & {
  readonly channels: MarketChannels
  readonly onNews: (news: MarketNews) => void
  readonly timer: Timer
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export type MarketStream = {
  /** Gives the connection up and makes a new one, as when it stands and says nothing. Does nothing while there is none. */
  readonly renew: (cause: string) => void
  /** Stops reading from the socket, and goes on: for whoever cannot take more. */
  readonly hold: () => void
  readonly release: () => void
  /** Resolves when the socket is gone; nothing is dialled any more. */
  readonly close: () => Promise<void>
}

type StockLine = Line<streaming.StockDataStream>

/**
 * Alpaca's stock data stream, kept: it dials at once, and again whenever the connection is lost, refused or given up, after a
 * pause that grows and is never the same for two clients. One socket at a time: the next is dialled when the one before is
 * gone. Every connection subscribes to the same, in one message, and counts as standing only when the exchange has confirmed
 * exactly that.
 */
export function openMarketStream(terms: MarketStreamTerms): MarketStream {
  const { channels, onNews, timer, random } = terms
  let line: StockLine | undefined
  let failures = 0
  let standsSince = Number.NaN
  let isClosed = false
  let isHeld = false
  let callOff = () => {}
  let ending: Promise<void> = Promise.resolve()

  const dialLater = (): number => {
    const pauseMs = reconnectPauseMs(failures, random())
    if (!isClosed) callOff = timer.after(pauseMs, dial)
    return pauseMs
  }
  const lost = (gone: StockLine, cause: string) => {
    if (line !== gone) return
    line = undefined
    failures = timer.now() - standsSince >= STEADY_MS ? 0 : failures + 1
    onNews({ kind: 'down', cause })
    ending = gone.close().then(() => {
      dialLater()
    })
  }
  const stand = async (): Promise<StockLine> => {
    const said = { last: 'the connection was closed' }
    const heard = (fault: Fault) => {
      // A close is told as news; what the exchange said before it is why.
      if (fault.code !== 'ALPACA_STREAM_CLOSED') terms.onTrouble(fault)
      if (fault.code === 'ALPACA_STREAM_ERROR') said.last = fault.message
    }
    const opened = await openLine((options) => subscribing(options, terms), { ...terms, onTrouble: heard })
    try {
      await opened.subscribe(
        () => {},
        (state) => areSubscribed(state, channels),
      )
    } catch (refusal) {
      await opened.close()
      throw refusal
    }
    opened.stream.onDisconnect(() => lost(opened, said.last))
    return opened
  }
  const dial = () => {
    ending = stand().then(
      async (opened) => {
        if (isClosed) return opened.close()
        standsSince = timer.now()
        line = opened
        if (isHeld) opened.pause()
        onNews({ kind: 'up' })
        if (!opened.isOpen()) lost(opened, 'the connection was closed')
      },
      (refusal: Error) => {
        if (isClosed) return
        failures++
        onNews({ kind: 'refused', cause: refusal.message, retryMs: dialLater() })
      },
    )
  }
  dial()
  return {
    renew: (cause) => {
      if (line) lost(line, cause)
    },
    hold: () => {
      isHeld = true
      line?.pause()
    },
    release: () => {
      isHeld = false
      line?.resume()
    },
    close: async () => {
      isClosed = true
      callOff()
      const open = line
      line = undefined
      await open?.close()
      await ending
    },
  }
}

/** A stream that subscribes by itself as soon as it is let in, and tells what arrives together in one piece. */
function subscribing(
  options: streaming.AlpacaWebSocketOptions,
  { channels, onNews, ...terms }: MarketStreamTerms,
): streaming.StockDataStream {
  const stream = new streaming.StockDataStream(options)
  stream.subscribeForBars([...channels.bars])
  stream.subscribeForUpdatedBars([...channels.updatedBars])
  stream.subscribeForDailyBars([...channels.dailyBars])
  stream.subscribeForStatuses([...channels.statuses])
  const rows = (kind: 'bars' | 'updated-bars' | 'daily-bars') =>
    together((wire: readonly unknown[]) => {
      const read = wire.flatMap((bar): TableRow[] => orNone(told(terms, () => tableRowFrom(bar))))
      if (read.length > 0) told(terms, () => onNews({ kind, rows: read }))
    })
  const statuses = together((wire: readonly unknown[]) => {
    const read = wire.flatMap((status): TradingStatus[] => orNone(told(terms, () => tradingStatusFrom(status))))
    if (read.length > 0) told(terms, () => onNews({ kind: 'statuses', statuses: read }))
  })
  return stream.onBar(rows('bars')).onUpdatedBar(rows('updated-bars')).onDailyBar(rows('daily-bars')).onStatus(statuses)
}

/** Gathers what comes within one turn and hands it on at its end, in its order. */
function together(handOn: (wire: readonly unknown[]) => void): (one: unknown) => void {
  let arrived: unknown[] = []
  return (one) => {
    if (arrived.push(one) > 1) return
    queueMicrotask(() => {
      const wire = arrived
      arrived = []
      handOn(wire)
    })
  }
}

function orNone<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}
