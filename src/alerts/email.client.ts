import { createTransport } from 'nodemailer'
import { ok, refuse } from '#domain/outcome.ts'
import { type Channel, type NotTaken, withoutSecrets } from './channel.ts'
import type { Message } from './message.ts'

export type EmailOptions = {
  /** `smtp://user:password@host:587`, or `smtps://`. */
  readonly url: string
  readonly sender: string
  readonly recipients: readonly string[]
  /** Until a server that says nothing counts as not answering. */
  readonly timeoutMs: number
}

/** Mail over SMTP. The message id is the same at every try, so that a mailbox may drop what it has already. */
export function emailChannel({ url, sender, recipients, timeoutMs }: EmailOptions): Channel {
  const { username, password } = new URL(url)
  const [user, secret] = [username, password].map(decodeURIComponent)
  // As a login goes over the wire: the two together, in base64 (RFC 4616).
  const secrets = [url, password, secret, `\0${user}\0${secret}`]
  // The whole is timed by a signal; these only see to it that nothing of an abandoned connection lingers.
  const longMs = 2 * timeoutMs
  const patience = { connectionTimeout: longMs, greetingTimeout: longMs, socketTimeout: longMs, dnsTimeout: longMs }
  const transport = createTransport({ url, ...patience, socketCloseTimeout: 0, disableFileAccess: true, disableUrlAccess: true })
  return {
    name: 'email',
    send: async (message, signal) => {
      const whole = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      try {
        const { response } = await transport.sendMail({ ...mailOf(message, { sender, recipients }), signal: whole })
        return ok(withoutSecrets(response, secrets))
      } catch (failure) {
        if (signal.aborted) return refuse(noAnswer('This process was stopping.'))
        return refuse(whole.aborted ? noAnswer(`It did not answer within ${timeoutMs} ms.`) : notTaken(failure, secrets))
      }
    },
  }
}

function mailOf(
  { id, severity, title, text }: Message,
  { sender, recipients }: { readonly sender: string; readonly recipients: readonly string[] },
) {
  return {
    ...{ from: { name: 'Spreadworks', address: sender }, to: [...recipients], subject: `[${severity}] ${title}`, text },
    messageId: `<${id}@spreadworks>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

/** A reply of 500 to 599 is for good (RFC 5321, 4.2.1); any other failure may pass. */
function notTaken(failure: unknown, secrets: readonly string[]): NotTaken {
  if (!(failure instanceof Error)) return noAnswer(withoutSecrets(String(failure), secrets))
  const reply = 'responseCode' in failure && typeof failure.responseCode === 'number' ? failure.responseCode : 0
  const cause = withoutSecrets(failure.message, secrets)
  return reply >= 500 ? { kind: 'refused', cause } : noAnswer(cause)
}

function noAnswer(cause: string): NotTaken {
  return { kind: 'unreachable', cause, askedMs: 0 }
}
