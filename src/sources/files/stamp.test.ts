import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stampReader } from './stamp.ts'

const read = (text: string, zone?: string) => ({ ...stampReader(zone)(Buffer.from(`,${text},`), 1, 1 + text.length) })
const form = (text: string, zone?: string) => read(text, zone).form
const iso = (text: string, zone?: string) => new Date(read(text, zone).at).toISOString()

test('every instant of two centuries reads back from its ISO form, at any offset', () => {
  const minutes = fc.integer({ min: Date.UTC(1900, 0, 1) / 60_000, max: Date.UTC(2100, 0, 1) / 60_000 })
  fc.assert(
    fc.property(minutes, fc.integer({ min: -14 * 60, max: 14 * 60 }), (minute, offset) => {
      const at = minute * 60_000
      const sign = offset < 0 ? '-' : '+'
      const [hours, rest] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) =>
        String(part).padStart(2, '0'),
      )
      const local = new Date(at + offset * 60_000).toISOString().slice(0, 19)
      expect(read(new Date(at).toISOString())).toMatchObject({ form: 'instant', at })
      expect(read(`${local}${sign}${hours}:${rest}`)).toMatchObject({ form: 'instant', at })
      expect(read(`${local.replace('T', ' ')}${sign}${hours}${rest}`)).toMatchObject({ form: 'instant', at })
    }),
  )
})

describe('the form of a stamp', () => {
  test('a date alone keeps its day', () => {
    expect(read('2018-03-28')).toMatchObject({ form: 'date', day: Date.UTC(2018, 2, 28) / 86_400_000 })
  })

  test('seconds and milliseconds since 1970 are instants', () => {
    expect([iso('1522243800'), iso('1522243800000')]).toEqual(Array(2).fill('2018-03-28T13:30:00.000Z'))
  })

  test('a clock time without a zone is naive, and an instant once the zone is given', () => {
    expect(form('2018-03-28 09:30:00')).toBe('naive')
    expect(iso('2018-03-28 09:30:00', 'America/New_York')).toBe('2018-03-28T13:30:00.000Z')
    expect(iso('2018-03-08T09:30', 'America/New_York')).toBe('2018-03-08T14:30:00.000Z')
  })

  test('a clock time that the zone shows twice or never is ambiguous, the hours around it are not', () => {
    const shown = ['2018-11-04 01:30:00', '2018-03-11 02:30:00'].map((text) => form(text, 'America/New_York'))
    expect(shown).toEqual(['ambiguous', 'ambiguous'])
    expect(iso('2018-03-11 03:30:00', 'America/New_York')).toBe('2018-03-11T07:30:00.000Z')
  })

  test('days that do not exist, other orders and leftovers are unparsable', () => {
    const texts = [
      '2018-02-29',
      '2018-13-01',
      '03/28/2018',
      '28-03-2018',
      '20180328',
      '2018-03-28T25:00Z',
      '2018-03-28T09:30Zx',
      '2018-03-28T',
      '',
      'NA',
    ]
    expect(texts.map((text) => form(text))).toEqual(Array(texts.length).fill('unparsable'))
  })
})
