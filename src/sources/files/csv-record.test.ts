import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fieldsOf, recordReader } from './record-reader.ts'

const split = (text: string, cut: number) => {
  const [bytes, records] = [Buffer.from(text), [] as { fields: string[]; line: number }[]]
  const reader = recordReader('test.csv')
  for (let at = 0; at < bytes.length; at += cut) {
    reader.push(bytes.subarray(at, at + cut), (record) => records.push({ fields: fieldsOf(record), line: record.line }))
  }
  reader.end((record) => records.push({ fields: fieldsOf(record), line: record.line }))
  return records
}

test('records read as csv-parse reads them, wherever the chunks are cut', () => {
  const bare = fc.stringMatching(/^[a-zé0-9.]{1,6}$/)
  const quoted = fc
    .array(fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'ü'))
    .map((parts) => `"${parts.join('').replaceAll('"', '""')}"`)
  const table = fc.array(fc.tuple(fc.oneof(bare, quoted), fc.oneof(bare, quoted, fc.constant('')), bare), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(table, fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 40 }), (rows, lineEnd, cut) => {
      const text = rows.map((fields) => fields.join(',')).join(lineEnd)
      expect(split(text, cut).map(({ fields }) => fields)).toEqual(parse(text, { record_delimiter: ['\r\n', '\n'] }))
    }),
  )
})

test('lines are counted through blank ones and through line ends within quotes', () => {
  expect(split('\uFEFFa,b\n\n"x\ny",1\nz,2\n', 7)).toEqual([
    { fields: ['a', 'b'], line: 1 },
    { fields: ['x\ny', '1'], line: 3 },
    { fields: ['z', '2'], line: 5 },
  ])
})

test('bytes that are not UTF-8 are refused with their place', () => {
  const reader = recordReader('old.csv')
  reader.push(Buffer.from('name\nümlaut\n'), () => {})
  const sentence = 'old.csv is not UTF-8: byte 16 of its text (line 3) is 0xe9; save it as UTF-8 and import it again.'
  expect(() => reader.push(Buffer.from('caf\xe9\nx\n', 'latin1'), () => {})).toThrow(
    expect.objectContaining({ code: 'IMPORT_NOT_UTF8', message: sentence }),
  )
})

test('a quote that is never closed is told with the line on which its row begins', () => {
  const fault = (code: string) => expect.objectContaining({ code, message: expect.stringContaining('on line 2') })
  expect(() => split('a,b\n"x,1\ny,2\n', 100)).toThrow(fault('IMPORT_QUOTE_OPEN'))
  expect(() => split(`a,b\n"${'x,1\n'.repeat(400_000)}`, 1 << 16)).toThrow(fault('IMPORT_ROW_TOO_LONG'))
})
