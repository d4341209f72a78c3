import type { AlertDeliveryView, AlertRecord, AlertsView } from '#desk/alert-views.ts'
import { epochMs, isoFrom } from '#domain/units.ts'
import type { ChannelTest } from './alerts-program.ts'
import { textTable } from './text-table.ts'

/** So much of an id is shown: enough to acknowledge by. */
const SHOWN_OF_ID = 8

/** Alerts as a table: the open ones, and with `isWhole` the others after them. */
export function alertsText({ open, recent }: AlertsView, isWhole: boolean): string {
  const shown = isWhole ? [...open, ...recent] : open
  if (shown.length === 0) return isWhole ? 'There are no alerts.\n' : 'No alert is open.\n'
  const header = ['id', 'severity', 'since', 'times', 'state', 'told', 'what']
  return textTable(header, shown.map(rowOf), new Set([3]))
}

function rowOf(alert: AlertRecord): string[] {
  const { id, severity, at, times, title, body, deliveries } = alert
  const told = deliveries.map(deliveryText).join(', ')
  return [id.slice(0, SHOWN_OF_ID), severity, stampOf(at), String(times), stateOf(alert), told, `${title}: ${body}`]
}

function stateOf({ resolvedAt, acknowledgedBy, acknowledgedAt }: AlertRecord): string {
  if (resolvedAt !== null) return `over ${stampOf(resolvedAt)}`
  return acknowledgedAt === null ? 'open' : `seen by ${acknowledgedBy ?? 'somebody'}`
}

function deliveryText({ channel, state, what, error }: AlertDeliveryView): string {
  const failure = state === 'failed' && error !== null ? ` (${error})` : ''
  return `${channel} ${what === 'resolved' ? 'over ' : ''}${state}${failure}`
}

/** What each channel said of a test, a line each. */
export function channelTestText(tests: readonly ChannelTest[]): string {
  return textTable(
    ['channel', 'taken', 'answer'],
    tests.map(({ channel, isTaken, answer }) => [channel, isTaken ? 'yes' : 'no', answer]),
  )
}

function stampOf(at: number): string {
  return `${isoFrom(epochMs(at)).slice(0, 19)}Z`
}
