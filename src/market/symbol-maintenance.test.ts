import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import type { ListedAsset } from '#sources/alpaca/assets.ts'
import type { SymbolRecord } from './listing.ts'
import { maintain, type Observed, type Silence } from './symbol-maintenance.ts'

const RULES = { haltedAfterSessions: 2, delistedAfterSessions: 10, mostGoneAtOnce: 0.2 }
const AT = epochMs(2_000_000)
const LAST_BAR = epochMs(1_000_000)

function record(symbol: string, changes: Partial<SymbolRecord> = {}): SymbolRecord {
  return {
    symbol: symbol as Symbol_,
    name: symbol,
    sector: 'Energy',
    exchange: 'NYSE',
    isActive: true,
    isSimulated: false,
    status: 'listed',
    statusSince: undefined,
    isShortable: true,
    assetId: `id-${symbol}`,
    renamedTo: undefined,
    checkedAt: undefined,
    ...changes,
  }
}

function asset(symbol: string, changes: Partial<ListedAsset> = {}): ListedAsset {
  const flags = { isActive: true, isTradable: true, isShortable: true }
  return { id: `id-${symbol}`, symbol: symbol as Symbol_, name: symbol, ...flags, ...changes }
}

function look(known: SymbolRecord, assets: readonly ListedAsset[] | undefined, silent = 0) {
  const silences = new Map<Symbol_, Silence>([[known.symbol, { sessions: silent, lastBarAt: LAST_BAR }]])
  const found = maintain([known], { assets, silences, at: AT }, RULES)
  if (found.kind !== 'found') throw new Error(found.kind)
  return found.findings[0]
}

const whatOf = (known: SymbolRecord, assets: readonly ListedAsset[] | undefined, silent = 0) =>
  look(known, assets, silent).changes.map(({ what }) => what)

describe('what the broker lists', () => {
  test.each([
    ['tradable, and bars come', [asset('XOM')], 1, []],
    ['inactive', [asset('XOM', { isActive: false })], 0, ['delisted', 'not-shortable']],
    ['no longer in the list', [], 0, ['delisted']],
    ['no order is taken', [asset('XOM', { isTradable: false })], 0, ['not-tradable', 'not-shortable']],
    ['tradable, but two sessions without a bar', [asset('XOM')], 2, ['halted']],
    ['not lent', [asset('XOM', { isShortable: false })], 0, ['not-shortable']],
    ['listed under another ticker', [asset('EXX', { id: 'id-XOM' })], 0, ['renamed']],
    [
      'renamed, and its ticker taken by another share',
      [asset('EXX', { id: 'id-XOM' }), asset('XOM', { id: 'new' })],
      0,
      ['renamed'],
    ],
    ['gone, and its ticker taken again', [asset('XOM', { id: 'old', isActive: false }), asset('XOM')], 0, []],
  ] as const)('%s', (_, assets, silent, changes) => {
    expect(whatOf(record('XOM'), assets, silent)).toEqual(changes)
  })

  test('a share that it never listed is not tradable, and delisted once it is silent for long', () => {
    const unknown = record('OLD', { assetId: undefined })
    expect(whatOf(unknown, [], 9)).toEqual(['not-tradable'])
    expect(whatOf(unknown, [], 10)).toEqual(['delisted'])
  })

  test('a symbol that comes back is listed again, and its renaming forgotten', () => {
    const gone = record('XOM', { status: 'renamed', renamedTo: 'EXX' as Symbol_ })
    expect(look(gone, [asset('XOM')])).toMatchObject({ status: 'listed', renamedTo: undefined })
  })

  test('a delisting holds from the last bar on, so that days before are rehearsed with the symbol', () => {
    expect(look(record('XOM'), []).statusSince).toBe(LAST_BAR)
  })
})

describe('without a broker', () => {
  test('bars alone tell, and what the broker said before stands', () => {
    expect([1, 2, 10].map((silent) => whatOf(record('XOM'), undefined, silent))).toEqual([[], ['halted'], ['delisted']])
    for (const status of ['not-tradable', 'delisted'] as const)
      expect(whatOf(record('XOM', { status, statusSince: LAST_BAR }), undefined)).toEqual([])
    expect(whatOf(record('XOM', { status: 'renamed', renamedTo: 'EXX' as Symbol_ }), undefined, 50)).toEqual([])
  })

  test('bars that come again end a halt, and a delisting that is older than they', () => {
    expect(whatOf(record('XOM', { status: 'halted' }), undefined)).toEqual(['listed'])
    expect(whatOf(record('XOM', { status: 'delisted', statusSince: epochMs(LAST_BAR - 1) }), undefined)).toEqual(['listed'])
  })
})

test('a list in which more than a fifth of the symbols is missing is doubted, and one of a few may always go', () => {
  const known = Array.from({ length: 20 }, (_, i) => record(`S${i}`))
  const listed = (missing: number) => known.slice(missing).map(({ symbol }) => asset(symbol))
  const seen = (assets: readonly ListedAsset[]): Observed => ({ assets, silences: new Map(), at: AT })
  expect(maintain(known, seen(listed(4)), RULES).kind).toBe('found')
  expect(maintain(known, seen(listed(5)), RULES)).toMatchObject({ kind: 'implausible', of: 20 })
  expect(maintain(known.slice(0, 2), seen(listed(1)), RULES).kind).toBe('found')
})

test('looking again at the same finds nothing new, whatever was there', () => {
  const assets = fc.option(
    fc.array(
      fc.record({
        symbol: fc.constantFrom('A', 'B'),
        isActive: fc.boolean(),
        isTradable: fc.boolean(),
        isShortable: fc.boolean(),
      }),
    ),
    { nil: undefined },
  )
  const known = fc.record({ status: fc.constantFrom('listed', 'halted', 'not-tradable', 'delisted'), hasId: fc.boolean() })
  fc.assert(
    fc.property(known, assets, fc.nat(12), ({ status, hasId }, listed, silent) => {
      const before = record('A', { status, assetId: hasId ? 'id-A' : undefined, isShortable: undefined })
      const seen = listed?.map(({ symbol, ...flags }, i) => asset(symbol, { id: i === 0 ? 'id-A' : `id-${i}`, ...flags }))
      const { changes: _, symbol: __, ...first } = look(before, seen, silent)
      expect(look({ ...before, ...first }, seen, silent)).toMatchObject({ ...first, changes: [] })
    }),
  )
})
