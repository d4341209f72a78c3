import type pg from 'pg'
import { sessionsBefore } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom, MINUTE_MS } from '#domain/units.ts'
import { saveGap } from '#market/bar-gaps.store.ts'
import { type LedgerMarks, markAnswered, markPresent } from '#market/bar-ledger.store.ts'
import { minutesWithin, noMinutes } from '#market/minute-bits.ts'
import { recordFindings } from '#market/quarantine.store.ts'
import { saveFindings, symbolRecords } from '#market/symbol-records.store.ts'
import { saveSymbols } from '#market/symbols.store.ts'

const FEED = 'import'
const NAMES: Readonly<Record<string, string>> = {
  APC: 'Anadarko Petroleum',
  COP: 'ConocoPhillips',
  CVX: 'Chevron',
  DUK: 'Duke Energy',
  EOG: 'EOG Resources',
  FB: 'Facebook',
  HAL: 'Halliburton',
  OXY: 'Occidental Petroleum',
  PSX: 'Phillips 66',
  SLB: 'Schlumberger',
  SO: 'Southern Company',
  VLO: 'Valero Energy',
  XOM: 'Exxon Mobil',
}
const UTILITIES = ['DUK', 'SO']
const LOOKED_AT = instantFrom('2018-03-28T22:00:00Z')
/** Sessions with a ledger; the one of the demonstration's book comes last. */
const SESSIONS = sessionsBefore('2018-03-29' as SessionDate, 9)

/** Writes symbols of two sectors, what maintenance found of three of them, and a ledger with holes over nine sessions. */
export async function seedDemoData(pool: pg.Pool): Promise<void> {
  const symbols = Object.keys(NAMES) as Symbol_[]
  const sectorOf = (symbol: string) => (UTILITIES.includes(symbol) ? 'Utilities' : symbol === 'FB' ? undefined : 'Energy')
  await saveSymbols(
    pool,
    symbols.map((symbol) => ({ symbol, name: NAMES[symbol], sector: sectorOf(symbol) })),
  )
  await saveWhatWasFound(pool)
  for (const session of SESSIONS) await seedLedger(pool, symbols, session)
  await seedQuarantine(pool)
}

/** A split of 2 for 1 that one feed has applied to two of five days. */
async function seedQuarantine(pool: pg.Pool): Promise<void> {
  const days = SESSIONS.slice(-5).map(({ date }, i) => {
    const close = 92 + i / 4
    return { date, own: i === 1 || i === 2 ? close / 2 : close, other: close, isHeld: i === 1 || i === 2 }
  })
  const [from, through] = [days[1].date, days[2].date]
  const finding = {
    rule: 'half-applied-split' as const,
    feed: FEED,
    otherFeed: 'yahoo',
    from,
    through,
    sessions: 2,
    factor: 0.5,
    newPerOld: 2,
    days,
  }
  const checked = { first: days[0].date, last: days[4].date, isKnown: () => true }
  await recordFindings(pool, { symbol: 'VLO' as Symbol_, feeds: [FEED, 'yahoo'], findings: [finding], checked }, LOOKED_AT)
}

const FOUND: Readonly<Record<string, { status: 'delisted' | 'halted' | 'renamed'; evidence: string; renamedTo?: string }>> = {
  APC: { status: 'delisted', evidence: 'The broker listed it before and no longer does.' },
  FB: { status: 'renamed', evidence: 'The broker lists the share that was FB as META.', renamedTo: 'META' },
  HAL: {
    status: 'halted',
    evidence: 'The broker lists it as tradable, but it had no bar in the last 2 sessions, in which others had.',
  },
}

async function saveWhatWasFound(pool: pg.Pool): Promise<void> {
  const findings = (await symbolRecords(pool)).map(({ symbol }) => {
    const found = FOUND[symbol]
    const isShortable = symbol !== 'SO'
    return {
      symbol,
      status: found?.status ?? ('listed' as const),
      statusSince: found && LOOKED_AT,
      isShortable,
      assetId: `id-${symbol}`,
      renamedTo: found?.renamedTo as Symbol_ | undefined,
      changes: [
        ...(found ? [{ what: found.status, evidence: found.evidence }] : []),
        ...(isShortable ? [] : [{ what: 'not-shortable' as const, evidence: 'The broker does not lend it.' }]),
      ],
    }
  })
  await saveFindings(pool, findings, { by: 'maintenance', at: LOOKED_AT })
}

/** Of the last session the time until 14:35; in two sessions the stream was away, and one of these holes was closed again. */
async function seedLedger(pool: pg.Pool, symbols: readonly Symbol_[], session: Session): Promise<void> {
  const place = SESSIONS.indexOf(session)
  const page = { feed: FEED, session }
  const at = (minute: number) => epochMs(session.opensAt + minute * MINUTE_MS)
  const due = place === SESSIONS.length - 1 ? at(305) : session.closesAt
  const isAway = place === 3 || place === 6
  const marks = symbols.flatMap((symbol, i): LedgerMarks[] => {
    if (symbol === 'HAL' && place >= SESSIONS.length - 2) return []
    const present = minutesWithin(session, session.opensAt, due)
    if (isAway) present.set(noMinutes(session).subarray(0, 25 + i), 120)
    if (UTILITIES.includes(symbol)) present.set(noMinutes(session).subarray(0, 30), 200 + 7 * place)
    return [{ symbol, present, repaired: noMinutes(session) }]
  })
  await markPresent(pool, page, { marks, due })
  await markAnswered(pool, page, { symbols: UTILITIES as Symbol_[], from: at(200), until: at(300) })
  if (!isAway) return
  const gap = { feed: FEED, from: at(120), until: at(165), cause: 'the stream was open and brought nothing' }
  await saveGap(pool, { ...gap, repairedAt: undefined, barsRepaired: 0 })
  if (place !== 3) return
  const repaired = minutesWithin(session, at(120), at(165))
  await markPresent(pool, page, { marks: symbols.map((symbol) => ({ symbol, present: repaired, repaired })), due })
}
