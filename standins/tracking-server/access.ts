/** Who may ask the server: everyone who reaches it, or who knows a token, or a name and a password. */
import { createHash, timingSafeEqual } from 'node:crypto'

export type Access =
  | { readonly kind: 'open' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }

/** What an Authorization header must say; undefined where none is asked for. */
function headerFor(access: Access): string | undefined {
  switch (access.kind) {
    case 'open':
      return undefined
    case 'bearer':
      return `Bearer ${access.token}`
    case 'basic':
      return `Basic ${Buffer.from(`${access.user}:${access.password}`).toString('base64')}`
    default:
      return access satisfies never
  }
}

/** Whether a request with this Authorization header may go on. How long it takes tells nothing of what would be right. */
export function isAdmitted(access: Access, authorization: string | undefined): boolean {
  const wanted = headerFor(access)
  if (wanted === undefined) return true
  const [given, right] = [authorization ?? '', wanted].map((text) => createHash('sha256').update(normalised(text)).digest())
  return timingSafeEqual(given, right)
}

/** The name of a scheme is written in any case. */
function normalised(header: string): string {
  const [scheme = '', ...rest] = header.trim().split(/ +/)
  return [scheme.toLowerCase(), ...rest].join(' ')
}

/** What a refused request is told to come back with. */
export function challengeFor(access: Access): string {
  return access.kind === 'basic' ? 'Basic realm="tracking server"' : 'Bearer realm="tracking server"'
}
