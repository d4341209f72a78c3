import { type TableRow, tableOfRows } from '#domain/bar-table.ts'
import type { BarColumns } from '#domain/bars.ts'
import { ok, refuse } from '#domain/outcome.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import type { BarHistory } from '../alpaca/history.ts'
import type { Yahoo } from './yahoo.client.ts'

/**
 * Yahoo's 1-minute bars as recorded history, one symbol a page. A minute without a bar may have traded: Yahoo leaves minutes
 * out, and all of those of more than a month ago. `onUnanswered` is told of a symbol of which it has nothing or nothing that
 * can be read; the page is empty then, and the next symbol is asked for. What is given up is still answered, to nobody.
 */
export function yahooMinutes(
  yahoo: Pick<Yahoo, 'minuteBars'>,
  onUnanswered: (symbol: Symbol_, cause: string) => Promise<void>,
): Pick<BarHistory, 'feed' | 'page'> & { readonly silence: 'unknown' } {
  return {
    feed: 'yahoo',
    silence: 'unknown',
    page: async ({ symbols: asked, timeframe, from, until }, cursor, { signal }) => {
      if (timeframe !== '1m') return refuse({ kind: 'unreachable', cause: `of Yahoo no ${timeframe} bars are asked for` })
      const symbols = [...new Set(asked)].sort(bySymbol)
      const names: readonly string[] = symbols
      const place = cursor === undefined ? 0 : names.indexOf(cursor.pageToken)
      const [symbol, following] = [symbols.at(place), symbols[place + 1]]
      if (symbol === undefined) return ok({ table: tableOfRows([]), next: undefined })
      const told = await unlessGivenUp(yahoo.minuteBars(symbol, from, until), signal)
      if (!told.ok && told.why.kind === 'unavailable') return refuse({ kind: 'unreachable', cause: told.why.cause })
      if (!told.ok) await onUnanswered(symbol, told.why.cause)
      const next = following === undefined ? undefined : { pageToken: following, since: undefined, symbol }
      return ok({ table: tableOfRows(told.ok ? rowsOf(told.value.bars) : []), next })
    },
  }
}

/** What `work` comes to. Throws the reason of `signal` as soon as that aborts. */
function unlessGivenUp<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise<T>((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

function rowsOf({ symbol, openedAt, open, high, low, close, volumeShares }: BarColumns): TableRow[] {
  return Array.from(openedAt, (at, i) => ({
    ...{ symbol, openedAt: at, open: open[i], high: high[i], low: low[i], close: close[i], volumeShares: volumeShares[i] },
    ...{ vwap: Number.NaN, trades: Number.NaN },
  }))
}
