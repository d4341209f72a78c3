import type { Channel } from './channel.ts'
import type { Message } from './message.ts'
import { postJson } from './post.client.ts'

/** Slack cuts longer texts off. */
const LONGEST_TEXT = 3_500

const MARKS = { info: ':information_source:', warning: ':warning:', critical: ':rotating_light:' } as const

/**
 * A Slack incoming webhook. Slack knows no idempotency key: a message whose answer was lost is sent twice.
 * Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function slackChannel({ url, timeoutMs }: { readonly url: string; readonly timeoutMs: number }): Channel {
  const secrets = [url, new URL(url).pathname]
  return {
    name: 'slack',
    send: (message, signal) =>
      postJson({ url, body: JSON.stringify({ text: slackText(message) }), headers: {}, timeoutMs, secrets }, signal),
  }
}

/** `&`, `<` and `>` begin Slack's own marks, so a title cannot call a channel or hide an address behind words. */
function slackText({ severity, title, text }: Message): string {
  const safe = `*${title}*\n${text}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `${MARKS[severity]} ${safe}`.slice(0, LONGEST_TEXT)
}
