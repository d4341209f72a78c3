import type { CoverageCell, MinuteRun } from '../../../src/api/contract.ts'
import { count } from './figures.ts'

export type MinuteState = MinuteRun['state']

export const STATE_NAMES: Readonly<Record<MinuteState, string>> = {
  present: 'Present',
  repaired: 'Repaired',
  'no-trade': 'No trade',
  missing: 'Missing',
  'not-judged': 'Not judged',
  'not-due': 'Not due',
}

export const STATE_MEANINGS: Readonly<Record<MinuteState, string>> = {
  present: 'A bar is stored.',
  repaired: 'The stream did not bring the bar; it was asked for later and is stored.',
  'no-trade': 'A source answered for the minute and had no bar: nothing traded.',
  missing: 'No bar is stored, and no source has said that nothing traded.',
  'not-judged': 'No bar is stored. The ledger is not kept for imported history, so nobody knows whether anything traded.',
  'not-due': 'The session has not come so far.',
}

/** So many minutes of a session are in each state, none of them zero, in the order in which they are drawn. */
export function sharesOf(cell: CoverageCell, minutes: number): { readonly state: MinuteState; readonly minutes: number }[] {
  const rest = minutes - cell.present - cell.noTrade - cell.missing
  const shares = [
    { state: 'present' as const, minutes: cell.present - cell.repaired },
    { state: 'repaired' as const, minutes: cell.repaired },
    { state: 'no-trade' as const, minutes: cell.noTrade },
    { state: 'missing' as const, minutes: cell.missing },
    { state: cell.due === 0 ? ('not-judged' as const) : ('not-due' as const), minutes: rest },
  ]
  return shares.filter((share) => share.minutes > 0)
}

/** `389 of 390 minutes present, 1 missing`. */
export function cellText(cell: CoverageCell | null, minutes: number): string {
  if (cell === null) return 'nothing stored'
  const others = sharesOf(cell, minutes).filter(({ state }) => state !== 'present')
  const present = `${count(cell.present)} of ${count(minutes)} minutes present`
  return [present, ...others.map((share) => `${count(share.minutes)} ${STATE_NAMES[share.state].toLowerCase()}`)].join(', ')
}
