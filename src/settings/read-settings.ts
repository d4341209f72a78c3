import type { z } from 'zod'
import { Fault, wrongRequest } from '#domain/fault.ts'
import { KEYS, type Key } from './keys.ts'
import { type Env, type Layer, layerOfEnvironment, layerOfFile, type SettingsText, type Written } from './layers.ts'
import { brokenRule } from './rules.ts'
import { type Credentials, type Settings, SettingsSchema } from './schema.ts'
import { s3KeysIn, trackingCredentialsIn } from './tracking-credentials.ts'

/** Addresses, which may hold a password or a token, and are not repeated. */
const MAY_HOLD_SECRETS = new Set(['database.url', 'alerts.webhook_url', 'alerts.heartbeat_url'])

/**
 * The settings and the credentials that `files` (the later over the earlier) and `env` (over all files) say together. `files`
 * must say everything. Throws SETTING_MISSING, SETTING_INVALID, SETTING_UNKNOWN, SETTING_TWICE or SETTINGS_UNREADABLE.
 */
export function readSettings({ files, env }: { readonly files: readonly SettingsText[]; readonly env: Env }): {
  readonly settings: Settings
  readonly credentials: Credentials
} {
  const written = new Map([...files.map(layerOfFile), layerOfEnvironment(env)].flatMap((layer: Layer) => [...layer]))
  const tree: Record<string, Record<string, unknown>> = {}
  for (const key of KEYS) tree[key.part] = { ...tree[key.part], [key.name]: acceptedText(key, written.get(key.path)) }
  const { database, ...rest } = SettingsSchema.parse(tree)
  const { url: databaseUrl, ...pool } = database
  const settings = { ...rest, database: pool }
  const broken = brokenRule(settings)
  if (broken !== undefined) throw invalid(broken.path, written.get(broken.path), broken.allowed)
  return {
    settings,
    credentials: {
      databaseUrl,
      alpaca: alpacaKeys(env),
      newsApiKey: secretIn(env, 'NEWS_API_KEY'),
      slackUrl: secretUrl(env, 'SLACK_WEBHOOK_URL', ['http:', 'https:']),
      smtpUrl: mailServer(env, settings),
      webhookSecret: secretIn(env, 'ALERT_WEBHOOK_SECRET'),
      tracking: trackingCredentialsIn(env),
      s3: s3KeysIn(env, settings.tracking.artifacts !== undefined),
    },
  }
}

/** The value that the schema takes for what was written: the text itself, a number, a truth, or a list of either. */
function acceptedText(key: Key, written: Written | undefined): unknown {
  if (written === undefined)
    throw new Fault('SETTING_MISSING', `No file sets ${key.path}, and it has no other default; set it or ${key.variable}.`)
  const accepted = readingsOf(written.value).find((reading) => key.leaf.safeParse(reading).success)
  if (accepted === undefined) throw invalid(key.path, written, descriptionOf(key.leaf))
  return accepted
}

function readingsOf(value: string | readonly string[]): unknown[] {
  const list = typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value
  const one = typeof value === 'string' ? [value, ...numberIn(value), ...truthIn(value)] : []
  return [...one, list, list.flatMap(numberIn)]
}

function numberIn(text: string): number[] {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? [Number(text)] : []
}

function truthIn(text: string): boolean[] {
  return text === 'true' || text === 'false' ? [text === 'true'] : []
}

function alpacaKeys(env: Env): Credentials['alpaca'] {
  const [apiKey, secretKey] = [env.ALPACA_API_KEY ?? '', env.ALPACA_SECRET_KEY ?? '']
  if (apiKey === '' && secretKey === '') return undefined
  if (apiKey !== '' && secretKey !== '') return { apiKey, secretKey }
  const [set, unset] = apiKey === '' ? ['ALPACA_SECRET_KEY', 'ALPACA_API_KEY'] : ['ALPACA_API_KEY', 'ALPACA_SECRET_KEY']
  throw wrongRequest('SETTING_MISSING', `${set} is set and ${unset} is not; set both, or neither for the built-in exchange.`)
}

function secretIn(env: Env, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name]
}

/** An address that holds a secret, and is therefore never repeated. */
function secretUrl(env: Env, name: string, protocols: readonly string[]): string | undefined {
  const url = secretIn(env, name)
  if (url === undefined || protocols.includes(URL.parse(url)?.protocol ?? '')) return url
  const allowed = protocols.map((protocol) => `${protocol}//`).join(' or ')
  throw wrongRequest('SETTING_INVALID', `What ${name} holds is not an address that begins with ${allowed}.`)
}

function mailServer(env: Env, { alerts }: Settings): string | undefined {
  const url = secretUrl(env, 'SMTP_URL', ['smtp:', 'smtps:'])
  if (url === undefined || (alerts.emailSender !== undefined && alerts.emailRecipients.length > 0)) return url
  throw wrongRequest(
    'SETTING_MISSING',
    'SMTP_URL is set, and alerts.email_sender or alerts.email_recipients is not; set both, or no SMTP_URL.',
  )
}

function invalid(path: string, written: Written | undefined, allowed: string): Fault {
  const seen = MAY_HOLD_SECRETS.has(path) ? 'what was given' : `"${written?.value}"`
  return wrongRequest('SETTING_INVALID', `${path} is ${seen} (in ${written?.where}); it must be ${allowed}.`)
}

function descriptionOf(leaf: z.ZodType): string {
  return leaf.description ?? 'of another kind'
}
