import { describe, expect, test } from 'vitest'
import { rehearsalBook } from '#domain/book.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, type Probability } from '#domain/units.ts'
import { type Signal, signalIdOf } from '#signals/signal.ts'
import { type CertificateRows, certificateFrom, certify, compareCertificates, differenceInWords } from './certificate.ts'
import { modelRows, signalRows } from './certificate-rows.ts'

const ROWS: CertificateRows = {
  bars: ['2018-03-28T13:30:00.000Z CVX 1 1 1 1 5', '2018-03-28T13:30:00.000Z XOM 2 2 2 2 7'],
  features: ['2018-03-28T13:35:00.000Z {"z":1}'],
  models: ['{"contentHash":"a","pair":"XOM-CVX"}'],
  signals: ['2018-03-28T13:35:00.000Z {"kind":"hold"}', '2018-03-28T13:40:00.000Z {"kind":"exit"}'],
  approvals: [],
  orders: [],
  fills: ['2018-03-28T13:36:00.000Z {"price":2}'],
}

function compared(changes: Partial<CertificateRows>) {
  return compareCertificates(certify(ROWS), certify({ ...ROWS, ...changes }))
}

describe('a certificate', () => {
  test('is the same for the same rows, and another when any row of any part differs', () => {
    const hashes = Object.entries(ROWS).map(([part, lines]) => certify({ ...ROWS, [part]: [...lines, 'more'] }).hash)
    expect(certify(ROWS).hash).toBe(certify(structuredClone(ROWS)).hash)
    expect(new Set([certify(ROWS).hash, ...hashes]).size).toBe(8)
  })

  test('survives being kept as JSON, and is refused when its rows were changed', () => {
    const kept = JSON.stringify(certify(ROWS))
    expect(certificateFrom(JSON.parse(kept))).toEqual(certify(ROWS))
    expect(() => certificateFrom(JSON.parse(kept.replace('"hold', '"exit')))).toThrow(/its rows hash to/)
    expect(() => certificateFrom({})).toThrow(/it is not a certificate/)
  })
})

describe('the first difference', () => {
  test('is none between equal certificates', () => {
    expect(differenceInWords(compared({}))).toBe('Both certificates are the same.')
  })

  test.each<[string, Partial<CertificateRows>, object]>([
    ['a missing bar', { bars: ROWS.bars.slice(1) }, { part: 'bars', index: 0, cause: 'missing-bar' }],
    [
      'a last bar that is missing',
      { bars: ROWS.bars.slice(0, 1) },
      { part: 'bars', index: 1, second: undefined, cause: 'missing-bar' },
    ],
    ['a corrected bar', { bars: [ROWS.bars[0], `${ROWS.bars[1]}1`] }, { part: 'bars', index: 1, cause: 'late-correction' }],
    ['other code', { features: ['2018-03-28T13:35:00.000Z {"z":2}'] }, { part: 'features', cause: 'code-or-configuration' }],
    ['another model', { features: ['…'], models: ['{"contentHash":"b"}'] }, { part: 'features', cause: 'model' }],
    [
      'other settings',
      { signals: ['2018-03-28T13:35:00.000Z {"kind":"exit"}'] },
      { part: 'signals', index: 0, cause: 'code-or-configuration' },
    ],
    [
      'another fill before it',
      { signals: [ROWS.signals[0], '2018-03-28T13:40:00.000Z {"kind":"hold"}'], fills: ['2018-03-28T13:36:00.000Z {"price":3}'] },
      { part: 'signals', index: 1, cause: 'broker-fill' },
    ],
    ['another fill', { fills: [] }, { part: 'fills', index: 0, cause: 'broker-fill' }],
  ])('names %s', (_, changes, difference) => {
    expect(compared(changes)).toMatchObject(difference)
  })

  test('is told with both rows', () => {
    const words = differenceInWords(compared({ fills: [] }))
    expect(words).toContain('row 1 of fills, because of another fill by the broker')
    expect(words).toContain('first:  2018-03-28T13:36:00.000Z {"price":2}\n  second: (no such row)')
  })
})

describe('its rows', () => {
  const signal = (book: string, symbol: string): Signal => {
    const [at, pair] = [epochMs(Date.UTC(2018, 2, 28)), { y: symbol as Symbol_, x: 'CVX' as Symbol_ }]
    const numbers = { z: 0.1 + 0.2 }
    const shared = { id: signalIdOf(rehearsalBook(book), at, pair), book: rehearsalBook(book), at, pair, numbers }
    return {
      ...shared,
      kind: 'hold',
      confidence: 1 as Probability,
      z: 0.1 + 0.2,
      probability: undefined,
      reasons: [],
      modelId: book,
      strategy: 's',
    }
  }

  test('do not tell the book, nor the order in which they came', () => {
    expect(signalRows([signal('a', 'XOM'), signal('a', 'COP')])).toEqual(signalRows([signal('b', 'COP'), signal('b', 'XOM')]))
  })

  test('keep numbers to their last digit and keys in order', () => {
    expect(signalRows([signal('a', 'XOM')])).toEqual([
      '2018-03-28T00:00:00.000Z {"confidence":1,"kind":"hold","pair":"XOM-CVX","reasons":[],"strategy":"s","z":0.30000000000000004}',
    ])
    expect(modelRows([{ pair: 'XOM-CVX', contentHash: 'h', isPromoted: true }])).toEqual([
      '{"contentHash":"h","isPromoted":true,"pair":"XOM-CVX"}',
    ])
  })
})
