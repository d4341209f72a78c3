import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** Words written like codes that are none of ours. */
const NOT_CODES = new Set([
  // Variables of the environment.
  ...[
    'SPREADWORKS_HOME',
    'SPREADWORKS_CONFIG',
    'DATABASE_URL',
    'MLFLOW_TRACKING_URI',
    ...['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN'],
    ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
    'ALPACA_API_KEY',
    'ALPACA_SECRET_KEY',
    'NEWS_API_KEY',
    'SLACK_WEBHOOK_URL',
    'SMTP_URL',
    'ALERT_WEBHOOK_SECRET',
  ],
  // Codes of Node and a file of PostgreSQL's.
  ...['EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'ERR_HTTP_REQUEST_TIMEOUT', 'HPE_HEADER_OVERFLOW', 'Z_BUF_ERROR', 'PG_VERSION'],
  // A state of the engine's.
  'MAX_RECOVERY_ATTEMPTS_EXCEEDED',
  // MLflow's REST protocol: answers of the tracking server, not told to people.
  ...[
    'RESOURCE_ALREADY_EXISTS',
    'RESOURCE_DOES_NOT_EXIST',
    'INVALID_PARAMETER_VALUE',
    'TEMPORARILY_UNAVAILABLE',
    ...['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'],
    ...['ACTIVE_ONLY', 'DELETED_ONLY'],
    'ENDPOINT_NOT_FOUND',
    'NOT_IMPLEMENTED',
    'INTERNAL_ERROR',
  ],
])

/** Where a code is given, whatever it looks like; and every word between quotes that looks like one. */
const GIVEN = /(?:new (?:Fault|AskFailed)|wrongRequest|super|problemOf)\(\s*(?:\d+,\s*)?'([A-Z][A-Z0-9_]*)'/g
const LOOKS_LIKE_ONE = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g
/** The command line writes it into its last resort itself. */
const IN_TEXT = / \(([A-Z]{4,})\)\\n/g

const codes = new Set(globSync('{src,standins,web/src}/**/*.{ts,tsx}', { cwd: ROOT }).filter(isSource).flatMap(codesIn))
const rows = [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `([A-Z0-9_]+)` \|([^|]*)\|([^|]*)\|$/gm)]
const documented = rows.map(([, code]) => code)

function isSource(file: string): boolean {
  return !/\.test\.tsx?$|\/assembly\//.test(file)
}

function codesIn(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = [GIVEN, LOOKS_LIKE_ONE, IN_TEXT].flatMap((rule) => [...text.matchAll(rule)].map(([, code = '']) => code))
  return found.filter((code) => !NOT_CODES.has(code))
}

test('every code that the program gives is explained in docs/errors.md', () => {
  expect([...codes].filter((code) => !documented.includes(code)).sort()).toEqual([])
})

test('docs/errors.md explains no code that the program does not give', () => {
  expect(documented.filter((code) => !codes.has(code))).toEqual([])
})

test('each is explained once, with what it means and what to do', () => {
  expect(documented.filter((code, i) => documented.indexOf(code) < i)).toEqual([])
  const isEmpty = (cell: string | undefined) => cell?.trim() === ''
  expect(rows.filter(([, , meaning, remedy]) => isEmpty(meaning) || isEmpty(remedy)).map(([, code]) => code)).toEqual([])
})
