import { MINUTE_MS } from '#domain/units.ts'
import type { Credentials, Settings } from '#settings/schema.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import type { Channel } from './channel.ts'
import type { Routes } from './delivery.ts'
import { emailChannel } from './email.client.ts'
import { slackChannel } from './slack.client.ts'
import { webhookChannel } from './webhook.client.ts'

/** The channels for which there is an address. Connects to nothing by itself. */
export function configuredChannels({ alerts }: Pick<Settings, 'alerts'>, credentials: Credentials, timer: Timer): Channel[] {
  const { slackUrl, smtpUrl, webhookSecret: secret } = credentials
  const { timeoutMs, webhookUrl, emailSender: sender, emailRecipients: recipients } = alerts
  return [
    ...(slackUrl === undefined ? [] : [slackChannel({ url: slackUrl, timeoutMs })]),
    ...(webhookUrl === undefined ? [] : [webhookChannel({ url: webhookUrl, secret, timeoutMs, now: timer.now })]),
    ...(smtpUrl === undefined || sender === undefined ? [] : [emailChannel({ url: smtpUrl, sender, recipients, timeoutMs })]),
  ]
}

/** Who is told what, as the settings say. */
export function routesOf({ alerts }: Pick<Settings, 'alerts'>): Routes {
  return {
    least: { slack: alerts.slackSeverity, webhook: alerts.webhookSeverity, email: alerts.emailSeverity },
    quietHours: alerts.quietHours,
    repeatAfterMs: alerts.repeatAfterMinutes * MINUTE_MS,
    mostAMinute: alerts.mostAMinute,
    attempts: alerts.attempts,
    retryMs: alerts.retrySeconds * 1000,
  }
}
