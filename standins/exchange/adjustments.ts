import { dateInNewYork, newYorkInstant, sessionDateFrom, sessionsBefore } from '#domain/calendar.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import { type CorporateAction, hasTakenEffect } from './corporate-actions.ts'
import type { CountedBar } from './derived-ticks.ts'
import type { History } from './history.ts'
import { type Refusal, refusal } from './refusal.ts'
import { toMicroDollar } from './rounding.ts'

/** Which actions the prices are adjusted for; none: as they were traded. */
export type Adjustment = ReadonlySet<'split' | 'dividend' | 'spin-off'>

const KINDS = ['split', 'dividend', 'spin-off'] as const

/** What `adjustment` in a query means: `raw`, `all`, or a comma list of the kinds. */
export function adjustmentFrom(text: string): Outcome<Adjustment, Refusal> {
  const words = text.split(',')
  if (words.includes('raw')) return words.length === 1 ? ok(new Set()) : refuse(wrong(text))
  if (words.includes('all')) return ok(new Set(KINDS))
  const kinds = KINDS.filter((kind) => words.includes(kind))
  return kinds.length === new Set(words).size ? ok(new Set(kinds)) : refuse(wrong(text))
}

function wrong(text: string): Refusal {
  return refusal(400, `invalid adjustment: ${text}; expected raw, all, or some of split, dividend, spin-off`)
}

/** Prices before `date` count × `price`, volumes × `volume`. */
type Factor = { readonly date: string; readonly price: number; readonly volume: number }

/**
 * What adjusts the bars of `symbol` for the actions in effect at `now`, or undefined when there is nothing to do. Bars before
 * the ex-date are brought to the scale of those after it, as Alpaca's are. A dividend D multiplies prices by 1 − D / C, with C
 * the raw close of the session before the ex-date; a spin-off does the same
 * with the worth of what was given, at the new symbol's first close. An action whose C is not on the tape changes nothing.
 */
export async function adjusterOf(
  { history, actions }: { readonly history: History; readonly actions: readonly CorporateAction[] },
  symbol: Symbol_,
  { adjustment, now }: { readonly adjustment: Adjustment; readonly now: EpochMs },
): Promise<((bar: CountedBar) => CountedBar) | undefined> {
  const factors: Factor[] = []
  for (const action of actions) {
    if (action.symbol !== symbol || !hasTakenEffect(action, now)) continue
    const factor = await factorOf(history, { action, adjustment, symbol, now })
    if (factor) factors.push(factor)
  }
  return factors.length === 0 ? undefined : (bar) => adjustedBar(bar, factors)
}

type Question = {
  readonly action: CorporateAction
  readonly adjustment: Adjustment
  readonly symbol: Symbol_
  readonly now: EpochMs
}

async function factorOf(history: History, { action, adjustment, symbol, now }: Question): Promise<Factor | undefined> {
  const date = action.exDate
  switch (action.kind) {
    case 'name-change':
      return undefined
    case 'split': {
      const ratio = action.newRate / action.oldRate
      return adjustment.has('split') ? { date, price: 1 / ratio, volume: ratio } : undefined
    }
    case 'cash-dividend': {
      const close = adjustment.has('dividend') ? await closeBefore(history, symbol, { date, now }) : undefined
      return close === undefined ? undefined : { date, price: 1 - action.rate / close, volume: 1 }
    }
    case 'spin-off': {
      const given = symbolFrom(action.newSymbol)
      if (!adjustment.has('spin-off') || given === undefined) return undefined
      const close = await closeBefore(history, symbol, { date, now })
      const worth = await firstCloseOf(history, given, { date, now })
      if (close === undefined || worth === undefined) return undefined
      return { date, price: 1 - ((action.newRate / action.sourceRate) * worth) / close, volume: 1 }
    }
    default:
      return action satisfies never
  }
}

type Day = { readonly date: string; readonly now: EpochMs }

async function closeBefore(history: History, symbol: Symbol_, { date, now }: Day): Promise<number | undefined> {
  const exDate = sessionDateFrom(date)
  const [session] = exDate === undefined ? [] : sessionsBefore(exDate, 1)
  if (session === undefined) return undefined
  const from = newYorkInstant(session.date, '00:00')
  const bars = await history({ symbol, size: { kind: 'day' }, from, until: from, now })
  return bars.at(-1)?.close
}

async function firstCloseOf(history: History, symbol: Symbol_, { date, now }: Day): Promise<number | undefined> {
  const exDate = sessionDateFrom(date)
  if (exDate === undefined) return undefined
  const from = newYorkInstant(exDate, '00:00')
  const bars = await history({ symbol, size: { kind: 'day' }, from, until: epochMs(from + 7 * DAY_MS), now })
  return bars.at(0)?.close
}

function adjustedBar(bar: CountedBar, factors: readonly Factor[]): CountedBar {
  const date = dateInNewYork(bar.openedAt)
  const later = factors.filter((factor) => date < factor.date)
  if (later.length === 0) return bar
  const price = later.reduce((product, factor) => product * factor.price, 1)
  const volume = later.reduce((product, factor) => product * factor.volume, 1)
  const scaled = (value: number) => toMicroDollar(value * price)
  return {
    ...bar,
    open: scaled(bar.open),
    high: scaled(bar.high),
    low: scaled(bar.low),
    close: scaled(bar.close),
    vwap: scaled(bar.vwap),
    volumeShares: Math.round(bar.volumeShares * volume),
  }
}
