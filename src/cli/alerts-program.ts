import type { AlertsView } from '#desk/alert-views.ts'

/** What one channel said of a test: taken, with its answer, or why not. */
export type ChannelTest = { readonly channel: string; readonly isTaken: boolean; readonly answer: string }

/** What the commands about alerts are made of. */
export type AlertsProgram = {
  /** Open alerts, and the newest `limit` of the others. */
  readonly alerts: (limit: number) => Promise<AlertsView>
  /** Throws ALERT_UNKNOWN; an id may be shortened to what no other begins with. */
  readonly acknowledge: (id: string) => Promise<void>
  /** Sends a test over every channel for which there is an address. Throws ALERT_CHANNELS_MISSING when there is none. */
  readonly test: () => Promise<readonly ChannelTest[]>
}
