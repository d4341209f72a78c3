import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** Who may import whom: the table of ARCHITECTURE.md. `everything` stands for every room but main.ts and, for all others, house. */
const UPPER = 'everything'
const TABLE: Readonly<Record<string, readonly string[] | typeof UPPER>> = {
  domain: [],
  database: ['domain'],
  tracking: ['domain'],
  settings: ['domain'],
  statistics: ['domain'],
  network: ['domain'],
  sources: ['domain'],
  matching: ['domain'],
  features: ['domain', 'statistics'],
  pairs: ['domain', 'statistics', 'features'],
  models: ['domain', 'statistics', 'network', 'features', 'pairs', 'tracking'],
  'strategy.ts': ['domain', 'statistics', 'features'],
  signals: ['domain', 'statistics', 'features', 'pairs', 'models', 'strategy.ts'],
  market: ['domain', 'statistics', 'sources', 'settings'],
  alerts: ['domain', 'statistics', 'sources', 'settings'],
  portfolio: ['domain', 'statistics'],
  risk: ['domain', 'statistics', 'signals', 'portfolio'],
  execution: ['domain', 'risk', 'portfolio'],
  backtest: [
    'domain',
    'statistics',
    'matching',
    'features',
    'pairs',
    'models',
    'strategy.ts',
    'signals',
    'risk',
    'portfolio',
    'execution',
  ],
  strategies: ['strategy.ts', 'domain', 'statistics', 'features'],
  'standins/exchange': ['domain', 'matching'],
  'standins/tracking-server': ['domain', 'matching'],
  house: UPPER,
  'main.ts': UPPER,
}
const BELOW_DESK = Object.keys(TABLE).filter(
  (room) => TABLE[room] !== UPPER && room !== 'strategies' && !room.startsWith('standins/'),
)
const ALLOWED: Readonly<Record<string, readonly string[] | typeof UPPER>> = {
  ...TABLE,
  desk: BELOW_DESK,
  flows: [...BELOW_DESK, 'desk'],
  api: [...BELOW_DESK, 'desk'],
  cli: [...BELOW_DESK, 'desk'],
}

const EFFECT = /\.(client|server|store|file|worker|route|flow|steps|command)\.ts$/
const PURE_PACKAGES = new Set(['zod', 'yaml', '@msgpack/msgpack', 'node:crypto'])
const AMBIENT = [
  { name: 'the wall clock', pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bTemporal\.Now\b/ },
  { name: 'ambient randomness', pattern: /\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/ },
  { name: 'a timer', pattern: /\bset(Timeout|Interval|Immediate)\(/ },
  { name: 'the environment', pattern: /\bprocess\.(env|argv|stdout|stderr|exit)\b/ },
  { name: 'the network', pattern: /(^|[^.\w])fetch\(/ },
  { name: 'the console', pattern: /\bconsole\.\w+\(/ },
]

type Import = { readonly from: string; readonly specifier: string; readonly target: string | undefined }

const sources = ['src', 'standins', 'strategies'].flatMap((folder) => typescriptFiles(join(ROOT, folder)))
const texts = new Map(sources.map((file) => [file, withoutComments(readFileSync(join(ROOT, file), 'utf8'))]))
const imports = sources.flatMap(importsOf)

function typescriptFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('/assembly/'))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
}

function importsOf(file: string): Import[] {
  const text = texts.get(file) ?? ''
  const specifiers = [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^\s*import\s+)'([^']+)'/gm)].map(
    ([, specifier = '']) => specifier,
  )
  return specifiers.map((specifier) => ({ from: file, specifier, target: targetOf(file, specifier) }))
}

function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : undefined
}

function roomOf(file: string): string {
  const [top = '', second = '', third] = file.split('/')
  if (top === 'src') return second
  return top === 'standins' && third !== undefined ? `standins/${second}` : top
}

function isAllowed({ from, target }: Import): boolean {
  if (target === undefined) return true
  const [importer, imported] = [roomOf(from), roomOf(target)]
  if (importer === imported) return true
  if (imported === 'database' && from.endsWith('.store.ts')) return true
  const allowed = ALLOWED[importer]
  if (allowed === UPPER) return true
  if (importer === 'backtest' && imported === 'execution' && EFFECT.test(target)) return false
  return allowed?.includes(imported) ?? false
}

function cycles(): string[] {
  const edges = new Map<string, string[]>()
  for (const { from, target } of imports) if (target !== undefined) edges.set(from, [...(edges.get(from) ?? []), target])
  const state = new Map<string, 'open' | 'done'>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    state.set(file, 'open')
    for (const target of edges.get(file) ?? []) visit(target, [...path, file])
    state.set(file, 'done')
  }
  for (const file of sources) visit(file, [])
  return found
}

function isPure(file: string): boolean {
  return !EFFECT.test(file) && file !== 'src/main.ts'
}

describe('the house', () => {
  test('every room imports only what the table allows', () => {
    expect(imports.filter((one) => !isAllowed(one)).map(({ from, specifier }) => `${from} imports ${specifier}`)).toEqual([])
  })

  test('every room is in the table', () => {
    expect([...new Set(sources.map(roomOf))].filter((room) => ALLOWED[room] === undefined)).toEqual([])
  })

  test('nothing imports main.ts, and every import leads to a file', () => {
    expect(imports.filter(({ target }) => target === 'src/main.ts' || (target !== undefined && !texts.has(target)))).toEqual([])
  })

  test('there is no cycle', () => {
    expect(cycles()).toEqual([])
  })

  test('the table of ARCHITECTURE.md is this table', () => {
    const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
    const rows = new Map(
      [...page.matchAll(/^\| ([^|]+?) +\| ([^|]+?) +\|$/gm)].flatMap(([, rooms = '', may = '']) =>
        rooms.split(', ').map((room) => [room, may] as const),
      ),
    )
    for (const [room, allowed] of Object.entries(TABLE)) {
      if (allowed === UPPER || room.startsWith('standins/') || room === 'strategies') continue
      const said = (rows.get(room) ?? 'not there').replace("execution's pure files", 'execution')
      expect(`${room}: ${said}`).toBe(`${room}: ${allowed.length === 0 ? 'nothing' : allowed.join(', ')}`)
    }
  })
})

describe('pure files', () => {
  const pure = sources.filter(isPure)

  test('import pure files and pure packages only', () => {
    const impure = imports.filter(
      ({ from, specifier, target }) => isPure(from) && (target === undefined ? !PURE_PACKAGES.has(specifier) : !isPure(target)),
    )
    expect(impure.map(({ from, specifier }) => `${from} imports ${specifier}`)).toEqual([])
  })

  test('read no clock, no randomness, no environment, no network', () => {
    const found = pure.flatMap((file) =>
      AMBIENT.filter(({ pattern }) => pattern.test(texts.get(file) ?? '')).map(({ name }) => `${file} uses ${name}`),
    )
    expect(found).toEqual([])
  })
})

describe('effects', () => {
  test('SQL stands in stores and migrations only', () => {
    const sql = /\b(select\s[\s\S]{0,200}\sfrom\s|insert\s+into\s|update\s+\w+(\.\w+)?\s+set\s|delete\s+from\s)/i
    const elsewhere = sources.filter(
      (file) =>
        !file.endsWith('.store.ts') &&
        [...(texts.get(file) ?? '').matchAll(/`[^`]*`|'[^'\n]*'/g)].some(([text]) => sql.test(text)),
    )
    expect(elsewhere.filter((file) => !file.startsWith('src/database/'))).toEqual([])
  })

  test('only main.ts reads the environment', () => {
    expect(sources.filter((file) => file !== 'src/main.ts' && /\bprocess\.env\b/.test(texts.get(file) ?? ''))).toEqual([])
  })
})
