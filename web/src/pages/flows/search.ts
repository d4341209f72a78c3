import type { FlowRun } from '../../../../src/api/contract.ts'
import { RUN_STATES } from '../../words/flows.ts'
import { dayBounds } from '../../words/times.ts'

/** What the address of Flows says: which runs are listed, which day is drawn, and which flow is about to be started. */
export type FlowsSearch = {
  readonly flow?: string
  readonly state?: FlowRun['state']
  readonly since?: string
  readonly until?: string
  readonly tag?: string
  /** `name=value` */
  readonly fact?: string
  readonly children?: boolean
  readonly offset?: number
  readonly day?: string
  readonly start?: string
}

export const RUNS_A_PAGE = 50

const TEXTS = ['flow', 'tag', 'fact', 'start'] as const
const DATES = ['since', 'until', 'day'] as const

/** The search that an address holds; what cannot be read is left out. */
export function flowsSearchFrom(search: Readonly<Record<string, unknown>>): FlowsSearch {
  const texts = TEXTS.map((name) => [name, search[name]] as const).filter(
    ([, value]) => typeof value === 'string' && value !== '',
  )
  const dates = DATES.map((name) => [name, search[name]] as const).filter(
    ([, value]) => typeof value === 'string' && dayBounds(value) !== undefined,
  )
  const state = RUN_STATES.find((one) => one === search.state)
  return {
    ...Object.fromEntries([...texts, ...dates]),
    ...(state === undefined ? {} : { state }),
    ...(search.children === true ? { children: true } : {}),
    ...(Number.isInteger(search.offset) && Number(search.offset) > 0 ? { offset: Number(search.offset) } : {}),
  }
}

/** The API's address of the runs that a search means; days are New York's, both included. */
export function runsAddress({ flow, state, since, until, tag, fact, children, offset }: FlowsSearch): string {
  const from = since && dayBounds(since)?.from
  const to = until && dayBounds(until)?.until
  const given = { flow, state, since: from, until: to, tag, fact, children: children && 'true', offset }
  const said = Object.entries(given).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  return `/runs?${new URLSearchParams([...said, ['limit', String(RUNS_A_PAGE)]])}`
}

/** Whether a search leaves runs out. */
export function isNarrowed({ flow, state, since, until, tag, fact }: FlowsSearch): boolean {
  return [flow, state, since, until, tag, fact].some((part) => part !== undefined)
}
