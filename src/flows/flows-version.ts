import { CATALOG } from './catalog.ts'
import { FLOWS } from './flow-names.ts'

/**
 * What a process can carry out: the revisions of all flows, in the order of FLOWS. Runs are taken up by processes of the same
 * one, so a release that changes no order of steps goes on with what an earlier one began.
 */
export function flowsVersion(): string {
  return `flows ${FLOWS.map((flow) => CATALOG[flow].revision).join('.')}`
}
