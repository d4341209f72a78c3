import { createHash } from 'node:crypto'
import type { Feed } from '#domain/bars.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import type { EvidenceDay, Finding, QuarantineRule } from './two-source-check.ts'

/** Factors that differ by less than this part of their logarithm are one and the same disagreement. */
const SAME_FACTOR = 0.25
/** Or by this, for factors near 1. */
const SAME_LOG = 0.02

/**
 * What became of a finding: `held` back until somebody decides; `accepted`: the bars are right and are read again; `rejected`:
 * they are wrong and never read; `withdrawn`: the feeds were corrected and agree now, so there is nothing to decide.
 */
export type QuarantineState = 'held' | 'accepted' | 'rejected' | 'withdrawn'

/** Sessions of one symbol and feed that were found not to be believed. */
export type QuarantineEntry = {
  readonly id: string
  readonly symbol: Symbol_
  readonly feed: Feed
  readonly otherFeed: Feed
  readonly rule: QuarantineRule
  readonly from: SessionDate
  readonly through: SessionDate
  readonly sessions: number
  readonly factor: number | null
  readonly newPerOld: number | null
  readonly days: readonly EvidenceDay[]
  readonly state: QuarantineState
  readonly foundAt: EpochMs
  readonly changedAt: EpochMs
}

/** The id of a finding, derived from what was found: the same bars give the same id. */
export function quarantineId(symbol: Symbol_, { rule, feed, otherFeed, from, through, days }: Finding): string {
  const closes = days.filter(({ isHeld }) => isHeld).map(({ date, own, other }) => `${date} ${own} ${other}`)
  const parts = [symbol, rule, feed, otherFeed, from, through, ...closes]
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12)
}

export type QuarantineChanges = {
  /** Found for the first time. */
  readonly added: readonly Finding[]
  /** Found again: the entry goes on, over these sessions, whatever was decided of it. */
  readonly renewed: readonly { readonly entry: QuarantineEntry; readonly finding: Finding }[]
  /** Checked again and no longer found. */
  readonly withdrawn: readonly QuarantineEntry[]
}

/** What was checked: the first and last session, and whether both feeds have a close of one. */
export type CheckedSessions = {
  readonly first: SessionDate
  readonly last: SessionDate
  readonly isKnown: (date: SessionDate) => boolean
}

/**
 * What a check changes in the entries of a symbol and two feeds. A finding renews the entry of its feed that overlaps it with the
 * same factor, so that a window that moves on, or a run that grows, is no new finding. An entry that is held or rejected is
 * withdrawn when all of it was checked and nothing was found; one that was accepted stays as it is.
 */
export function changesBy(
  findings: readonly Finding[],
  entries: readonly QuarantineEntry[],
  checked: CheckedSessions,
): QuarantineChanges {
  const left = new Set(entries.filter(({ state }) => state !== 'withdrawn'))
  const added: Finding[] = []
  const renewed: { entry: QuarantineEntry; finding: Finding }[] = []
  for (const finding of findings) {
    const entry = [...left].find((one) => isSame(one, finding))
    if (entry === undefined) added.push(finding)
    else {
      left.delete(entry)
      renewed.push({ entry, finding: joined(entry, finding, checked) })
    }
  }
  return { added, renewed, withdrawn: [...left].filter((entry) => isOver(entry, checked)) }
}

function isSame(entry: QuarantineEntry, finding: Finding): boolean {
  if (entry.feed !== finding.feed || entry.through < finding.from || finding.through < entry.from) return false
  if (entry.factor === null || finding.factor === null) return entry.rule === finding.rule
  const [was, is] = [Math.log(entry.factor), Math.log(finding.factor)]
  return Math.abs(is - was) <= Math.max(SAME_LOG, SAME_FACTOR * Math.abs(was))
}

/** The finding with the sessions that the entry holds beyond the edges of what was checked. */
function joined(entry: QuarantineEntry, finding: Finding, { first, last }: CheckedSessions): Finding {
  const from = finding.from === first && entry.from < first ? entry.from : finding.from
  const through = finding.through === last && entry.through > last ? entry.through : finding.through
  return { ...finding, from, through }
}

function isOver(entry: QuarantineEntry, { first, last, isKnown }: CheckedSessions): boolean {
  if (entry.state === 'accepted' || entry.from < first || entry.through > last) return false
  return entry.days.every(({ date, isHeld }) => !isHeld || isKnown(date))
}

/** How many entries a check has added, found again and withdrawn. */
export type Recorded = { readonly held: number; readonly renewed: number; readonly withdrawn: number }

/** Symbols of which a feed had a close, and what their check has changed. */
export type CloseCheckReport = Recorded & { readonly symbols: number; readonly withBothFeeds: number }
