import { expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { findingOfStatus } from './halts.ts'
import type { ListingStatus, SymbolRecord } from './listing.ts'

const KO = 'KO' as Symbol_
const record = (status: ListingStatus): SymbolRecord => ({
  ...{ symbol: KO, name: 'Coca-Cola', sector: undefined, exchange: 'NYSE', isActive: true, isSimulated: false },
  ...{ status, statusSince: undefined, isShortable: false, assetId: 'asset', renamedTo: undefined, checkedAt: undefined },
})
const said = (status: string) => ({ symbol: KO, at: epochMs(60_000), status, reason: 'LUDP' })

test('a halt and a resumption change a listed symbol and a halted one, and keep what else is known of it', () => {
  expect(findingOfStatus(record('listed'), said('H'))).toEqual({
    ...{ symbol: KO, status: 'halted', statusSince: 60_000, isShortable: false, assetId: 'asset', renamedTo: undefined },
    changes: [{ what: 'halted', evidence: 'The exchange said so at 1970-01-01T00:01:00.000Z (status H, reason LUDP).' }],
  })
  expect(findingOfStatus(record('halted'), said('T'))).toMatchObject({ status: 'listed', changes: [{ what: 'listed' }] })
})

test('nothing changes for what is said again, for other statuses, and for symbols that stand otherwise or are not kept', () => {
  const cases = [
    findingOfStatus(record('halted'), said('H')),
    findingOfStatus(record('listed'), said('T')),
    findingOfStatus(record('listed'), said('Q')),
    ...(['delisted', 'renamed', 'not-tradable'] as const).flatMap((status) =>
      ['H', 'T'].map((code) => findingOfStatus(record(status), said(code))),
    ),
    findingOfStatus(undefined, said('H')),
  ]
  expect(cases).toEqual(cases.map(() => undefined))
})
