import { createHmac } from 'node:crypto'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { Channel } from './channel.ts'
import type { Message } from './message.ts'
import { postJson } from './post.client.ts'

export type WebhookOptions = {
  readonly url: string
  /** Signs what is sent; undefined: nothing is signed. */
  readonly secret: string | undefined
  readonly timeoutMs: number
  readonly now: () => EpochMs
}

/** Any address that takes JSON. Body, headers and signature are told in docs/alerts.md. */
export function webhookChannel({ url, secret, timeoutMs, now }: WebhookOptions): Channel {
  const { username, password } = new URL(url)
  const secrets = [secret ?? '', password, username]
  return {
    name: 'webhook',
    send: (message, signal) => {
      const body = JSON.stringify(webhookBody(message))
      const headers = { 'idempotency-key': message.id, ...signatureOf(body, { secret, at: now() }) }
      return postJson({ ...addressed(url), body, headers: { ...headers, ...addressed(url).headers }, timeoutMs, secrets }, signal)
    },
  }
}

/** `fetch` takes no address with a user in it; it goes as the header that browsers make of it. */
function addressed(address: string): { url: string; headers: Record<string, string> } {
  const url = new URL(address)
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  if (user === '' && password === '') return { url: address, headers: {} }
  url.username = ''
  url.password = ''
  return { url: url.href, headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } }
}

/** The instant is signed too, so that a receiver can refuse what somebody sends again later. */
function signatureOf(
  body: string,
  { secret, at }: { readonly secret: string | undefined; readonly at: EpochMs },
): Record<string, string> {
  if (secret === undefined) return {}
  const stamp = String(Math.floor(at / 1000))
  const signature = createHmac('sha256', secret).update(`${stamp}.${body}`).digest('hex')
  return { 'x-spreadworks-timestamp': stamp, 'x-spreadworks-signature': `sha256=${signature}` }
}

function webhookBody({ id, kind, severity, title, text, deliveries }: Message) {
  return {
    ...{ id, kind, severity, title, text },
    alerts: deliveries.map(({ what, alert }) => ({
      ...{ id: alert.id, key: alert.key, what, severity: alert.severity, title: alert.title, body: alert.body },
      ...{ book: alert.book ?? null, flow: alert.flow ?? null, run_id: alert.runId ?? null, times: alert.times },
      ...{ at: isoFrom(alert.at), last_at: isoFrom(alert.lastAt) },
      resolved_at: alert.resolvedAt === undefined ? null : isoFrom(alert.resolvedAt),
    })),
  }
}
