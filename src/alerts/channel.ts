import type { Outcome } from '#domain/outcome.ts'
import type { ChannelName } from './alert.ts'
import type { Message } from './message.ts'

/** Why a channel did not take a message. `cause` holds no secret. */
export type NotTaken =
  /** It will not take it, however often it is asked. */
  | { readonly kind: 'refused'; readonly cause: string }
  /** No connection, no answer in time, or a failure of its own: it may take it later. `askedMs`: how long it asks to be left alone. */
  | { readonly kind: 'unreachable'; readonly cause: string; readonly askedMs: number }

/** A way by which people are told. */
export type Channel = {
  readonly name: ChannelName
  /** Sends once, within the channel's own time; the value is what it answered, in words. */
  readonly send: (message: Message, signal: AbortSignal) => Promise<Outcome<string, NotTaken>>
}

/**
 * `text` without any of `secrets`, as they are and as an address writes them: what a server or a library says of a failure may
 * repeat what it was given. At most 300 characters, on one line.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const all = secrets.flatMap((secret) => [secret, encodeURIComponent(secret), encodeURI(secret), base64Of(secret)])
  return all
    .filter((secret) => secret.length > 2)
    .sort((a, b) => b.length - a.length)
    .reduce((kept, secret) => kept.replaceAll(secret, '••••'), text)
    .replace(/\s+/g, ' ')
    .slice(0, 300)
}

function base64Of(text: string): string {
  return Buffer.from(text).toString('base64')
}
