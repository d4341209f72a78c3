import { expect, test } from 'vitest'
import { rehearsalBook } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { rehearsalJson } from './rehearsal-json.ts'
import { type RehearsalReport, rehearsalText } from './rehearsal-text.ts'

/** As a store of JSON gives it back: keys in an order of its own. */
const REPORT: RehearsalReport = {
  book: rehearsalBook('r1'),
  stoppedAtScreen: { 'low-correlation': 4, 'not-cointegrated': 2 },
  stoppedBy: {},
  barsStored: 12,
  day: '2018-03-28' as SessionDate,
  bars: { missing: 3, replayed: 10 },
  pairs: { tested: 6, correlated: 2, shortlisted: 0, cointegrated: 0 },
  models: { f1: { best: null, mean: null }, auc: { best: null, mean: null }, trained: 0, promoted: 0 },
  orders: { filled: 0, rejected: 0, submitted: 0 },
  pnlUsd: { net: -0.2, costs: 0.3, gross: 0.1 },
  source: 'import',
  leftOut: 0,
  seconds: { load: 1, total: 9, train: 3, screen: 2, session: 3 },
  signals: 0,
  symbols: 4,
  refusals: 0,
  approvals: 0,
  certificate: 'abc',
  signalsByKind: { exit: 0, hold: 0, 'enter-long': 0, 'enter-short': 0, 'stand-aside': 0 },
}

test('JSON is one line with the documented keys first and in their order, and the rest after them', () => {
  const text = rehearsalJson(REPORT)
  expect(text).toMatch(/^[^\n]+\n$/)
  expect(text).toMatch(
    /^\{"day":"2018-03-28","source":"import","symbols":4,"bars":\{"replayed":10,"missing":3\},"pairs":\{"tested":6,"correlated":2,"cointegrated":0,"shortlisted":0\},"models":\{"trained":0,"promoted":0,"f1":\{"mean":null,"best":null\},"auc":\{"mean":null,"best":null\}\},"signals":0,"approvals":0,"refusals":0,"orders":\{"submitted":0,"filled":0,"rejected":0\},"pnlUsd":\{"gross":0\.1,"costs":0\.3,"net":-0\.2\},"certificate":"abc","seconds":\{"load":1,"screen":2,"train":3,"session":3,"total":9\},/,
  )
  expect(JSON.parse(text)).toEqual(REPORT)
})

test('each of several days has its keys in order too', () => {
  const { seconds: _, book: __, ...day } = REPORT
  const { days } = JSON.parse(rehearsalJson({ ...REPORT, days: [day] }))
  expect(Object.keys(days[0]).slice(0, 3)).toEqual(['day', 'source', 'symbols'])
})

test('a person is told what stopped the pairs, of lost bars, and how the certificate compares', () => {
  const text = rehearsalText({ ...REPORT, comparison: 'Both certificates are the same.' })
  expect(text).toContain('10 bars replayed of 12 stored, 3 minutes without a bar')
  expect(text).toContain('4 pairs stopped at the screen: low-correlation')
  expect(text).toContain('+$0.10 gross, −$0.30 costs, −$0.20 net')
  expect(text.endsWith('Book rehearsal:r1\nCertificate abc\nBoth certificates are the same.\n')).toBe(true)
})

test('of several days each is told', () => {
  const { seconds: _, book: __, ...day } = REPORT
  const text = rehearsalText({ ...REPORT, days: [day, { ...day, day: '2018-03-29' as SessionDate }] })
  expect(text.match(/^2018-03-2\d, feed/gm)).toHaveLength(2)
})
