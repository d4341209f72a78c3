import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Fault } from '#domain/fault.ts'
import { KEYS } from './keys.ts'
import type { Env } from './layers.ts'
import { readSettings } from './read-settings.ts'

const text = readFileSync(new URL('../../config/spreadworks.yaml', import.meta.url), 'utf8')
const defaults = { path: 'spreadworks.yaml', text }
const withEnv = (env: Env) => readSettings({ files: [defaults], env })
const withFile = (own: string) => readSettings({ files: [defaults, { path: 'own.yaml', text: own }], env: {} })

function faultOf(read: () => unknown): Pick<Fault, 'code' | 'message'> {
  try {
    read()
  } catch (fault) {
    if (fault instanceof Fault) return { code: fault.code, message: fault.message }
    throw fault
  }
  throw new Error('nothing was thrown')
}

describe('the default file', () => {
  test('says everything, and nothing that the schema does not know', () => {
    const { settings, credentials } = withEnv({})
    expect(settings.pairs.maximumPValue).toBe(0.05)
    expect(settings.model.hidden).toEqual([64, 32])
    expect(settings.yahoo.url).toBeUndefined()
    expect(credentials).toEqual({ databaseUrl: undefined, alpaca: undefined, newsApiKey: undefined })
  })

  test('has every key once, with a comment on its line', () => {
    const documented = [...text.matchAll(/^ {2}([a-z0-9_]+): .+ # \S/gm)].map(([, name]) => name)
    expect(documented).toEqual(KEYS.map((key) => key.path.split('.')[1]))
  })

  test('has no two keys of one variable', () => {
    expect(new Set(KEYS.map((key) => key.variable)).size).toBe(KEYS.length)
  })

  test('without one of its keys is refused by that key', () => {
    for (const key of KEYS) {
      const [part, name] = key.path.split('.')
      const lines = text.split('\n')
      const start = lines.indexOf(`${part}:`)
      const line = lines.findIndex((candidate, i) => i > start && candidate.startsWith(`  ${name}:`))
      const without = lines.toSpliced(line, 1).join('\n')
      const fault = faultOf(() => readSettings({ files: [{ path: 'cut.yaml', text: without }], env: {} }))
      expect(fault).toEqual({ code: 'SETTING_MISSING', message: expect.stringContaining(key.path) })
    }
  })
})

describe('what is set elsewhere', () => {
  test('a variable wins over the user’s file, which wins over the default, key by key', () => {
    const own = { path: 'own.yaml', text: 'pairs:\n  maximum: 12\n  completeness: 0.7\n' }
    const { settings } = readSettings({ files: [defaults, own], env: { SPREADWORKS_PAIRS_MAXIMUM: '10' } })
    expect(settings.pairs).toMatchObject({ maximum: 10, completeness: 0.7, lookbackSessions: 7 })
  })

  test('text is read as what its key takes: numbers, truths, lists, or either of two kinds', () => {
    const { settings } = withEnv({
      SPREADWORKS_SERVER_PORT: '0',
      SPREADWORKS_YAHOO_ENABLED: 'false',
      SPREADWORKS_MODEL_HIDDEN: '16, 8',
      SPREADWORKS_MODEL_LEARNING_RATE: '1e-3',
      SPREADWORKS_REHEARSAL_SPEED: 'max',
      SPREADWORKS_MARKET_FEED: '2018',
    })
    expect(settings.server.port).toBe(0)
    expect(settings.yahoo.enabled).toBe(false)
    expect(settings.model.hidden).toEqual([16, 8])
    expect(settings.model.learningRate).toBe(0.001)
    expect(settings.rehearsal.speed).toBe('max')
    expect(settings.market.feed).toBe('2018')
  })

  test('tickers that look like something else stay text', () => {
    const tickers = ['T', 'V', 'NA', 'TRUE', 'NULL', 'ON']
    expect(withFile(`market:\n  universe: [${tickers}]\n`).settings.market.universe).toEqual(tickers)
    expect(withEnv({ SPREADWORKS_MARKET_UNIVERSE: tickers.join() }).settings.market.universe).toEqual(tickers)
  })

  test('an empty variable says nothing, and names of other programs are not looked at', () => {
    expect(withEnv({ SPREADWORKS_PAIRS_MAXIMUM: '', NEWS_API_KEY: '', PATH: '/bin' })).toEqual(withEnv({}))
  })

  test('the usual names are understood, and keys stay apart from the settings', () => {
    const { settings, credentials } = withEnv({
      DATABASE_URL: 'postgres://me:secret@db:5432/desk',
      ALPACA_API_KEY: 'PK1',
      ALPACA_SECRET_KEY: 'secret',
      NEWS_API_KEY: 'secret',
      MLFLOW_TRACKING_URI: 'http://mlflow:5000',
      MLFLOW_TRACKING_TOKEN: 'secret',
      SPREADWORKS_TRACKING_ARTIFACTS: 's3://models/desk/',
      AWS_ACCESS_KEY_ID: 'AK1',
      AWS_SECRET_ACCESS_KEY: 'secret',
      SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/secret',
      SMTP_URL: 'smtp://me:secret@mail:587',
      SPREADWORKS_ALERTS_EMAIL_SENDER: 'desk@example.com',
      SPREADWORKS_ALERTS_EMAIL_RECIPIENTS: 'ada@example.com, bob@example.com',
      ALERT_WEBHOOK_SECRET: 'secret',
    })
    expect(credentials).toEqual({
      databaseUrl: 'postgres://me:secret@db:5432/desk',
      alpaca: { apiKey: 'PK1', secretKey: 'secret' },
      newsApiKey: 'secret',
      slackUrl: 'https://hooks.slack.com/services/secret',
      smtpUrl: 'smtp://me:secret@mail:587',
      webhookSecret: 'secret',
      tracking: { kind: 'bearer', token: 'secret' },
      s3: { id: 'AK1', secret: 'secret', sessionToken: undefined },
    })
    expect(settings.tracking).toMatchObject({ uri: 'http://mlflow:5000', artifacts: { name: 'models', prefix: 'desk' } })
    expect(JSON.stringify(settings)).not.toContain('secret')
  })
})

describe('a mistake stops with one sentence', () => {
  test.each([
    {
      env: { SPREADWORKS_PAIRS_MAXIMUM: 'ten' },
      code: 'SETTING_INVALID',
      says: ['pairs.maximum', '"ten"', 'a whole number from 1 to 1000'],
    },
    { env: { SPREADWORKS_PAIRS_MAXIMUM: '2.5' }, code: 'SETTING_INVALID', says: ['"2.5"', 'SPREADWORKS_PAIRS_MAXIMUM'] },
    { env: { SPREADWORKS_YAHOO_ENABLED: 'yes' }, code: 'SETTING_INVALID', says: ['yahoo.enabled', '"yes"', 'true or false'] },
    { env: { SPREADWORKS_TRADING_MODE: 'Live' }, code: 'SETTING_INVALID', says: ['trading.mode', 'paper or live'] },
    {
      env: { SPREADWORKS_SCHEDULES_START_OF_DAY: '6 o’clock' },
      code: 'SETTING_INVALID',
      says: ['schedules.start_of_day', '"6 o’clock"', '"HH:MM on trading days"', 'or empty'],
    },
    { env: { SPREADWORKS_MARKET_UNIVERSE: 'XOM,cvx' }, code: 'SETTING_INVALID', says: ['market.universe', 'XOM,cvx', 'tickers'] },
    {
      env: { SPREADWORKS_SIGNALS_EXIT_Z: '3' },
      code: 'SETTING_INVALID',
      says: ['signals.exit_z', '"3"', 'below signals.entry_z'],
    },
    {
      env: { SPREADWORKS_PAIR_MAXIMUM: '3' },
      code: 'SETTING_UNKNOWN',
      says: ['SPREADWORKS_PAIR_MAXIMUM', 'SPREADWORKS_PAIRS_MAXIMUM'],
    },
    { env: { ALPACA_API_KEY: 'PK1' }, code: 'SETTING_MISSING', says: ['ALPACA_SECRET_KEY'] },
    { env: { MLFLOW_TRACKING_USERNAME: 'ada' }, code: 'SETTING_MISSING', says: ['MLFLOW_TRACKING_PASSWORD'] },
    { env: { SPREADWORKS_TRACKING_ARTIFACTS: 's3://models' }, code: 'SETTING_MISSING', says: ['AWS_ACCESS_KEY_ID'] },
    {
      env: { SPREADWORKS_TRACKING_ARTIFACTS: 'models' },
      code: 'SETTING_INVALID',
      says: ['tracking.artifacts', 's3://bucket/prefix'],
    },
    { env: { SMTP_URL: 'smtp://mail' }, code: 'SETTING_MISSING', says: ['alerts.email_sender', 'alerts.email_recipients'] },
    { env: { SPREADWORKS_ALERTS_QUIET_HOURS: '22-6' }, code: 'SETTING_INVALID', says: ['22:00-06:30'] },
    {
      env: { DATABASE_URL: 'postgres://a/b', SPREADWORKS_DATABASE_URL: 'postgres://c/d' },
      code: 'SETTING_TWICE',
      says: ['DATABASE_URL', 'SPREADWORKS_DATABASE_URL'],
    },
  ])('$env', ({ env, code, says }) => {
    const fault = faultOf(() => withEnv(env))
    expect(fault.code).toBe(code)
    for (const part of says) expect(fault.message).toContain(part)
  })

  test('an address that may hold a secret is never repeated', () => {
    for (const name of ['DATABASE_URL', 'SLACK_WEBHOOK_URL', 'SMTP_URL', 'SPREADWORKS_ALERTS_WEBHOOK_URL']) {
      expect(faultOf(() => withEnv({ [name]: 'mysql://me:secret@db/desk' })).message).not.toContain('secret')
    }
  })

  test.each([
    { own: 'pairs:\n  maximun: 3\n', code: 'SETTING_UNKNOWN', says: ['pairs.maximun', 'own.yaml', 'nearest is pairs.maximum'] },
    { own: 'pair:\n  maximum: 3\n', code: 'SETTING_UNKNOWN', says: ['pair ', 'nearest is pairs'] },
    { own: 'pairs: [3]\n', code: 'SETTINGS_UNREADABLE', says: ['own.yaml', 'pairs'] },
    { own: 'pairs:\n  maximum: {}\n', code: 'SETTINGS_UNREADABLE', says: ['pairs.maximum'] },
    { own: 'pairs: "\n', code: 'SETTINGS_UNREADABLE', says: ['own.yaml'] },
  ])('$own', ({ own, code, says }) => {
    const fault = faultOf(() => withFile(own))
    expect(fault.code).toBe(code)
    for (const part of says) expect(fault.message).toContain(part)
  })
})
