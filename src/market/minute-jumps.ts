import { createHash } from 'node:crypto'
import type { TableRow } from '#domain/bar-table.ts'
import type { BarTable, Feed } from '#domain/bars.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { ALONE_FACTOR } from './two-source-check.ts'

/** What is judged of a minute: its close, which is what models read. */
export type MinuteClose = Pick<TableRow, 'symbol' | 'openedAt' | 'close'>
/** A close that is believed, USD per share, and the minute it is of. */
export type BelievedClose = { readonly openedAt: EpochMs; readonly close: number }

/** What minutes that came in say of a symbol: see docs/data-quality.md. */
export type JumpEvent = { readonly id: string; readonly symbol: Symbol_ } & (
  | { readonly kind: 'jumped'; readonly openedAt: EpochMs; readonly close: number; readonly believed: number }
  /** `openedAt`: of the first minute after the jump that is near the last believed close. */
  | { readonly kind: 'came-back'; readonly openedAt: EpochMs }
  /** Every minute of the jump was corrected and is believed now. */
  | { readonly kind: 'corrected' }
)

/** Minutes that are off; `minutes` is undefined when an earlier process saw them. */
type Run = {
  readonly id: string
  readonly from: number
  readonly minutes: Set<number> | undefined
  last: number
  isOpen: boolean
}

/**
 * Judges the minutes of one session's feed as they come, in any order and repeatedly. A close farther from the symbol's last
 * believed one than a factor of 1.4 is a jump, and so is every later one until one is near again. `closes` are believed from
 * before, a symbol without one believes its first minute; `jumped` are jumps that an earlier process found and that go on.
 */
export function judgeMinutes(
  feed: Feed,
  known: {
    readonly closes: ReadonlyMap<Symbol_, BelievedClose>
    readonly jumped: readonly { readonly id: string; readonly symbol: Symbol_; readonly from: EpochMs }[]
  },
): (minute: MinuteClose) => JumpEvent[] {
  const believed = new Map(known.closes)
  const runs = new Map<Symbol_, Run[]>()
  for (const { id, symbol, from } of known.jumped)
    runs.set(symbol, [...(runs.get(symbol) ?? []), { id, from, minutes: undefined, last: from, isOpen: true }])

  const off = ({ symbol, openedAt, close }: MinuteClose, last: BelievedClose): JumpEvent[] => {
    const of = runs.get(symbol) ?? []
    if (of.some(({ minutes }) => minutes?.has(openedAt))) return []
    const open = of.find(({ isOpen, from }) => isOpen && from <= openedAt)
    if (open !== undefined) {
      open.minutes?.add(openedAt)
      open.last = Math.max(open.last, openedAt)
      return []
    }
    const id = createHash('sha256').update(`minute-jump\n${symbol}\n${feed}\n${openedAt}\n${close}`).digest('hex').slice(0, 12)
    runs.set(symbol, [...of, { id, from: openedAt, minutes: new Set([openedAt]), last: openedAt, isOpen: true }])
    return [{ kind: 'jumped', id, symbol, openedAt: epochMs(openedAt), close, believed: last.close }]
  }
  const near = ({ symbol, openedAt }: MinuteClose): JumpEvent[] => {
    const of = runs.get(symbol)
    if (of === undefined) return []
    const corrected = of.filter(({ minutes }) => minutes?.delete(openedAt) === true && minutes.size === 0)
    const over = of.filter((run) => run.isOpen && run.last < openedAt && !corrected.includes(run))
    for (const run of over) run.isOpen = false
    runs.set(
      symbol,
      of.filter((run) => !corrected.includes(run)),
    )
    return [
      ...corrected.map(({ id }) => ({ kind: 'corrected' as const, id, symbol })),
      ...over.map(({ id }) => ({ kind: 'came-back' as const, id, symbol, openedAt: epochMs(openedAt) })),
    ]
  }
  return (minute) => {
    const last = believed.get(minute.symbol)
    if (last !== undefined && isJump(minute.close, last.close)) return off(minute, last)
    if (last === undefined || last.openedAt <= minute.openedAt)
      believed.set(minute.symbol, { openedAt: epochMs(minute.openedAt), close: minute.close })
    return near(minute)
  }
}

function isJump(close: number, believed: number): boolean {
  return close > believed * ALONE_FACTOR || close * ALONE_FACTOR < believed
}

/** What is judged of every row of a table. */
export function* closesOf({ symbols, symbolIndex, openedAt, close }: BarTable): Iterable<MinuteClose> {
  for (let i = 0; i < openedAt.length; i++) yield { symbol: symbols[symbolIndex[i]], openedAt: openedAt[i], close: close[i] }
}
