import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { acknowledgeAlert } from '#alerts/alerts.store.ts'
import { configuredChannels } from '#alerts/channels.client.ts'
import { testMessage } from '#alerts/message.ts'
import type { AlertsProgram, ChannelTest } from '#cli/alerts-program.ts'
import { alertIdOf, alertsView } from '#desk/alerts.store.ts'
import { wrongRequest } from '#domain/fault.ts'
import { epochMs } from '#domain/units.ts'
import type { Credentials, Settings } from '#settings/schema.ts'
import { WALL_TIMER } from '#sources/alpaca/wall-timer.client.ts'
import type { Store } from './exchange-checks.client.ts'

/** The commands about alerts. Each opens the store when it is asked, and closes it again. */
export function alertsProgram(
  openStore: () => Promise<Store>,
  readSettings: () => Promise<{ readonly settings: Settings; readonly credentials: Credentials }>,
): AlertsProgram {
  const using = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const store = await openStore()
    try {
      return await work(store)
    } finally {
      await store.database.close()
    }
  }
  return {
    alerts: (limit) => using(({ database }) => alertsView(database.pool, { limit })),
    acknowledge: (id) =>
      using(async ({ database }) => {
        const by = `command line (${userInfo().username})`
        await acknowledgeAlert(database.pool, await alertIdOf(database.pool, id), { by, at: WALL_TIMER.now() })
      }),
    // A test needs no database: it is asked for where something does not work.
    test: async () => testChannels(await readSettings()),
  }
}

async function testChannels({
  settings,
  credentials,
}: {
  readonly settings: Settings
  readonly credentials: Credentials
}): Promise<ChannelTest[]> {
  const channels = configuredChannels(settings, credentials, WALL_TIMER)
  if (channels.length === 0)
    throw wrongRequest(
      'ALERT_CHANNELS_MISSING',
      'Alerts stand on the page alone; set SLACK_WEBHOOK_URL, alerts.webhook_url or SMTP_URL to have them told elsewhere.',
    )
  const message = testMessage(`test-${randomUUID()}`, epochMs(Date.now()))
  return Promise.all(
    channels.map(async ({ name, send }) => {
      const outcome = await send(message, new AbortController().signal)
      return { channel: name, isTaken: outcome.ok, answer: outcome.ok ? outcome.value : outcome.why.cause }
    }),
  )
}
