import { z } from 'zod'
import { phraseOf, SCHEDULE_FORMS, scheduleFrom } from '#domain/schedule.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { sectorListFrom } from './sector-lists.ts'

const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/
const MAIL_ADDRESS = /^[^\s@<>]+@[^\s@<>]+$/

/**
 * Everything that config/spreadworks.yaml says: its keys in camel case, its units in the names, its comments there.
 * Nothing has a default here. A leaf's description completes "must be …".
 */
export const SettingsSchema = z.object({
  server: z.object({ host: text('an address to listen on, such as 127.0.0.1'), port: whole(0, 65_535) }),
  database: z.object({
    url: urlOrNone(['postgres:', 'postgresql:']),
    poolConnections: whole(2, 50),
    minimumFreeMb: whole(0, 1_000_000),
  }),
  market: z.object({ feed: textOrNone('the name of a feed, or empty'), universe: symbols(), historyDays: whole(1, 250) }),
  sectors: z.object({ listed: sectorLists(), active: z.array(text('the name of a sector')).describe('names of sectors') }),
  symbols: z.object({
    haltedAfterSessions: whole(1, 60),
    delistedAfterSessions: whole(1, 60),
    mostGoneAtOnce: fraction(),
  }),
  yahoo: z.object({
    url: urlOrNone(['http:', 'https:']),
    enabled: z.boolean().describe('true or false'),
    spacingMs: whole(0, 60_000),
    timeoutMs: whole(100, 120_000),
  }),
  simulation: z.object({ seed: seed(), sectors: whole(1, 20), symbolsPerSector: whole(2, 50), sessions: whole(2, 60) }),
  pairs: z.object({
    lookbackSessions: whole(1, 60),
    carryBars: whole(0, 60),
    completeness: fraction(),
    outOfSampleFraction: real(0.01, 0.9),
    stabilityLags: whole(1, 100),
    stabilityWindowBars: whole(2, 10_000),
    zScoreMinimumBars: whole(2, 10_000),
    minimumArchPValue: fraction(),
    minimumLjungBoxPValue: fraction(),
    maximumVolatilityVariation: real(0, 1000),
    minimumCorrelation: fraction(),
    maximumPValue: fraction(),
    minimumHalfLifeBars: real(0, 100_000),
    maximumHalfLifeBars: real(0, 100_000),
    falseDiscoveryRate: fraction(),
    maximumTailPValue: fraction(),
    maximumTailShift: real(0, 1000),
    minimumScore: fraction(),
    maximum: whole(1, 1000),
  }),
  model: z.object({
    sequenceBars: whole(1, 200),
    hidden: z.tuple([whole(1, 512), whole(1, 512)]).describe('two whole numbers from 1 to 512'),
    dropout: real(0, 0.95),
    learningRate: real(1e-7, 1),
    batchWindows: whole(1, 4096),
    maximumEpochs: whole(1, 10_000),
    patienceEpochs: whole(1, 10_000),
    trainFraction: fraction(),
    validationFraction: fraction(),
    gapBars: whole(0, 10_000),
  }),
  train: z.object({ budget: whole(1, 1_000_000), threads: whole(0, 256), kernel: oneOf('auto', 'relaxed', 'simd') }),
  promotion: z.object({ minimumF1: fraction(), minimumSharpe: real(-100, 100), enforced: oneOf('alpaca', 'always') }),
  signals: z.object({
    strategy: text('the name of a file under strategies/'),
    everyMinutes: whole(1, 390),
    zscoreWindowBars: whole(2, 10_000),
    entryZ: real(0, 100),
    exitZ: real(0, 100),
    stopZ: real(0, 100),
    minimumProbability: fraction(),
    maximumHoldingHalfLives: real(0, 1000),
    waitForBarsMs: whole(0, 60_000),
  }),
  risk: z.object({
    startingCashUsd: real(1, 1e12),
    positionFraction: fraction(),
    maximumGross: real(0, 10),
    maximumPairs: whole(0, 1000),
    pairOrderMinutes: whole(1, 390),
    maximumDailyLoss: fraction(),
    noEntryBeforeCloseMinutes: whole(0, 390),
    flatBeforeCloseMinutes: whole(0, 390),
  }),
  exchange: z.object({
    halfSpreadBps: real(0, 1000),
    slippageBps: real(0, 1000),
    participation: fraction(),
    secFeePerMillion: real(0, 10_000),
    tafPerShare: real(0, 1),
    tafMaximum: real(0, 1000),
    borrowRate: real(0, 10),
    marginMultiplier: real(1, 4),
    marginMinimum: real(0, 1_000_000),
    dayTradingMinimum: real(0, 1_000_000),
  }),
  rehearsal: z.object({
    speed: z.union([z.literal('max'), z.number().positive().max(100_000)]).describe('max, or a number above 0 and up to 100000'),
    seed: seed(),
    atStart: z.boolean().describe('true or false'),
  }),
  alpaca: z.object({
    tradingUrl: urlOrNone(['http:', 'https:']),
    dataUrl: urlOrNone(['http:', 'https:']),
    streamUrl: urlOrNone(['ws:', 'wss:']),
    feed: oneOf('iex', 'sip'),
    requestsPerMinute: whole(0, 100_000),
  }),
  trading: z.object({ mode: oneOf('paper', 'live') }),
  schedules: z.object({
    graceSeconds: whole(1, 3600),
    startOfDay: schedule(),
    marketStream: schedule(),
    signals: schedule(),
    hourly: schedule(),
    endOfDay: schedule(),
    recyclerCheck: schedule(),
    backup: schedule(),
    housekeeping: schedule(),
    loadHistory: schedule(),
    loadCompanies: schedule(),
    loadNews: schedule(),
    maintainSymbols: schedule(),
  }),
  alerts: z.object({
    slackSeverity: severity(),
    webhookUrl: urlOrNone(['http:', 'https:']),
    webhookSeverity: severity(),
    emailSender: textOrNone('an address that mail comes from, or empty'),
    emailRecipients: z.array(z.string().regex(MAIL_ADDRESS)).describe('addresses such as desk@example.com'),
    emailSeverity: severity(),
    quietHours: quietHours(),
    repeatAfterMinutes: whole(1, 10_080),
    mostAMinute: whole(1, 1000),
    attempts: whole(1, 50),
    retrySeconds: whole(1, 3600),
    timeoutMs: whole(100, 120_000),
    readyBy: timeOfDay(),
    lateBarsMinutes: whole(2, 390),
    dailyBarsBy: timeOfDay(),
    sourceMinutes: whole(1, 10_080),
    modelSessions: whole(1, 250),
    queueMinutes: whole(1, 1440),
    lowDiskMb: whole(0, 1_000_000),
    heartbeatUrl: urlOrNone(['http:', 'https:']),
    heartbeatSeconds: whole(1, 3600),
  }),
  workers: z.object({ drainSeconds: whole(0, 3600), leaseSeconds: whole(1, 300) }),
  queues: z.object({
    ...{ tradingWorkerConcurrency: limit(), tradingGlobalConcurrency: limit(), tradingPerMinute: limit() },
    ...{ flowsWorkerConcurrency: limit(), flowsGlobalConcurrency: limit(), flowsPerMinute: limit() },
    ...{ dataWorkerConcurrency: limit(), dataGlobalConcurrency: limit(), dataPerMinute: limit() },
    ...{ trainWorkerConcurrency: limit(), trainGlobalConcurrency: limit(), trainPerMinute: limit() },
    ...{ houseWorkerConcurrency: limit(), houseGlobalConcurrency: limit(), housePerMinute: limit() },
  }),
  backup: z.object({ newest: whole(1, 1000), weeks: whole(0, 520), months: whole(0, 120) }),
  retention: z.object({ logsDays: whole(1, 3650), runsDays: whole(1, 3650), alertsDays: whole(1, 3650) }),
  tracking: z.object({
    uri: urlOrNone(['http:', 'https:']),
    host: text('an address to listen on, such as 127.0.0.1'),
    port: whole(0, 65_535),
    artifacts: bucketOrNone(),
    s3Url: urlOrNone(['http:', 'https:']),
    s3Region: text('the name of a region, such as us-east-1'),
    maximumArtifactMb: whole(1, 1_000_000),
  }),
})

type Everything = z.output<typeof SettingsSchema>

/** Every setting but the address of the database, which holds a password. */
export type Settings = Omit<Everything, 'database'> & { readonly database: Omit<Everything['database'], 'url'> }

/** What must not be logged, stored in the open or sent to the page. */
export type Credentials = {
  /** Undefined: the embedded server. */
  readonly databaseUrl: string | undefined
  readonly alpaca: { readonly apiKey: string; readonly secretKey: string } | undefined
  readonly newsApiKey: string | undefined
  /** Address of a Slack incoming webhook: whoever knows it can write there. */
  readonly slackUrl: string | undefined
  /** `smtp://user:password@host:587` */
  readonly smtpUrl: string | undefined
  /** Signs what the webhook of alerts is sent. */
  readonly webhookSecret: string | undefined
  /** What a tracking server is asked with, and what ours asks for. */
  readonly tracking: TrackingCredentials | undefined
  /** Keys of the store that `tracking.artifacts` names. */
  readonly s3: { readonly id: string; readonly secret: string; readonly sessionToken: string | undefined } | undefined
}

export type TrackingCredentials =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }

function whole(least: number, most: number) {
  return z.int().min(least).max(most).describe(`a whole number from ${least} to ${most}`)
}

/** 0: none. */
function limit() {
  return whole(0, 100_000)
}

function real(least: number, most: number) {
  return z.number().min(least).max(most).describe(`a number from ${least} to ${most}`)
}

function fraction() {
  return real(0, 1)
}

function seed() {
  return whole(0, 4_294_967_295)
}

function text(what: string) {
  return z.string().min(1).describe(what)
}

function oneOf<const Names extends readonly [string, ...string[]]>(...names: Names) {
  return z.enum(names).describe(names.join(' or '))
}

/** A schedule's phrase as `phraseOf` writes it, or empty. */
function schedule() {
  const phraseIn = (text: string) => {
    const read = scheduleFrom(text)
    return read.ok ? phraseOf(read.value) : ''
  }
  return z
    .string()
    .refine((text) => text === '' || phraseIn(text) !== '')
    .transform(phraseIn)
    .describe(`one of ${SCHEDULE_FORMS}, or empty`)
}

function severity() {
  return oneOf('info', 'warning', 'critical')
}

function timeOfDay() {
  return z.string().regex(TIME_OF_DAY).describe('a time of day such as 09:15')
}

function quietHours() {
  const hoursIn = (text: string) => {
    const [from = '', until = ''] = text.split('-')
    return TIME_OF_DAY.test(from) && TIME_OF_DAY.test(until) && from !== until ? { from, until } : undefined
  }
  return z
    .string()
    .refine((text) => text === '' || hoursIn(text) !== undefined)
    .transform(hoursIn)
    .describe('two times of day such as 22:00-06:30, or empty')
}

function textOrNone(what: string) {
  return z
    .string()
    .transform((value) => (value === '' ? undefined : value))
    .describe(what)
}

function urlOrNone(protocols: readonly string[]) {
  return z
    .string()
    .refine((value) => value === '' || protocols.includes(URL.parse(value)?.protocol ?? ''))
    .transform((value) => (value === '' ? undefined : value))
    .describe(`an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}, or empty`)
}

/** `s3://bucket/some/prefix` */
function bucketOrNone() {
  const bucketIn = (text: string) => {
    const [, name, prefix = ''] = /^s3:\/\/([a-z\d][a-z\d.-]{1,61}[a-z\d])(?:\/(.*))?$/.exec(text) ?? []
    return name === undefined ? undefined : { name, prefix: prefix.replace(/^\/+|\/+$/g, '') }
  }
  return z
    .string()
    .refine((text) => text === '' || bucketIn(text) !== undefined)
    .transform(bucketIn)
    .describe('an address such as s3://bucket/prefix, or empty')
}

function symbols() {
  const symbol = z.custom<Symbol_>((value) => typeof value === 'string' && symbolFrom(value) !== undefined)
  return z.array(symbol).min(2).describe('at least two tickers in capitals, such as XOM')
}

function sectorLists() {
  const list = z.string().refine((value) => sectorListFrom(value) !== undefined)
  return z.array(list).describe('sectors with their tickers, each such as "Energy: XOM CVX"')
}
