import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseOrder } from './filter-order.ts'
import { type Operator, parseFilter } from './filter-syntax.ts'
import { Refusal } from './refusal.ts'

const quoted = (text: string, quote: string) => `${quote}${text.replaceAll(quote, quote + quote)}${quote}`

const bareKey = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}(\.[A-Za-z0-9_]{1,8}){0,3}$/)
const key = fc.oneof(
  bareKey.map((text) => ({ text, written: text })),
  fc
    .tuple(fc.string({ minLength: 1 }), fc.constantFrom('`', '"'))
    .map(([text, quote]) => ({ text, written: quoted(text, quote) })),
)
const text = fc.tuple(fc.string(), fc.constantFrom("'", '"')).map(([value, quote]) => ({ value, written: quoted(value, quote) }))
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => ({
  value: Number(String(value)),
  written: String(value),
}))
const list = fc.array(text, { minLength: 1, maxLength: 4 }).map((texts) => ({
  value: texts.map(({ value }) => value),
  written: `(${texts.map(({ written }) => written).join(' , ')})`,
}))
const anyCase = (word: string) => fc.mixedCase(fc.constant(word))
const compared = fc.oneof(
  fc
    .tuple(fc.constantFrom('=', '!=', '>', '>=', '<', '<='), fc.oneof(number, text))
    .map(([operator, value]) => ({ operator, spelt: operator, ...value })),
  fc
    .tuple(
      fc.constantFrom('LIKE', 'ILIKE').chain((word) => fc.tuple(fc.constant(word), anyCase(word))),
      text,
    )
    .map(([[operator, spelt], value]) => ({ operator, spelt, ...value })),
  fc
    .tuple(
      fc.constantFrom('IN', 'NOT IN').chain((word) => fc.tuple(fc.constant(word), anyCase(word))),
      list,
    )
    .map(([[operator, spelt], value]) => ({ operator, spelt, ...value })),
)
const comparison = fc.record({ entity: fc.constantFrom('metrics', 'params', 'tags', 'datasets'), key, compared })
const joined = fc
  .array(comparison, { minLength: 1, maxLength: 6 })
  .chain((all) => fc.record({ all: fc.constant(all), and: anyCase('AND'), space: fc.constantFrom(' ', '  ', '\n\t') }))

describe('a filter', () => {
  test('means what it was written for, whatever the quoting, the case and the spacing', () => {
    fc.assert(
      fc.property(joined, ({ all, and, space }) => {
        const filter = all
          .map(({ entity, key: { written }, compared: { spelt, written: value } }) =>
            [`${entity}.${written}`, spelt, value].join(space),
          )
          .join(`${space}${and}${space}`)
        expect(parseFilter(filter).map(({ name, operator, value }) => ({ name, operator, value }))).toEqual(
          all.map(({ entity, key: { text: name }, compared: { operator, value } }) => ({
            name: { entity, key: name },
            operator: operator as Operator,
            value,
          })),
        )
      }),
      { numRuns: 150 },
    )
  })

  test('is read or refused, and nothing else happens, whatever is sent', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom("'", '"', '`', '(', ')', ',', '.', '=', 'AND', 'IN', 'NOT', '1', 'a.b', '\0', ' '),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parseFilter(pieces.join(''))
        } catch (cause) {
          expect(cause).toBeInstanceOf(Refusal)
        }
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    ['an open list', `a in (${"'x',".repeat(10_000)}`],
    ['open quotes', "'".repeat(99_999)],
    ['names without end', 'a.'.repeat(100_000)],
    ['digits without end', `a = ${'1'.repeat(200_000)}x`],
    ['comparisons without end', Array(10_000).fill('a = 1').join(' and ')],
  ])('of %s takes no longer than its length allows', (_what, filter) => {
    const began = performance.now()
    expect(() => parseFilter(filter)).toThrow(Refusal)
    expect(performance.now() - began).toBeLessThan(2000)
  })

  test('of nothing holds for everything', () => {
    expect([parseFilter(undefined), parseFilter(''), parseFilter(' \n')]).toEqual([[], [], []])
  })

  test.each([
    ['foo.bar = 1 OR x', "'OR', 'x'"],
    ['a = 1 b = 2', "'b'"],
    ['AND a = 1', "'AND'"],
    ['a = 1 AND', "'AND'"],
    ['a = b', "'a', '=', 'b'"],
    ['a in ()', "'a', 'in', '(', ')'"],
    ['(a = 1)', "'(', ')'"],
    ['a == 1', "'a', '=', '=', '1'"],
  ])('%s names what is no comparison', (filter, named) => {
    expect(() => parseFilter(filter)).toThrow(`Invalid clause(s) in filter string: ${named}`)
  })
})

describe('an order', () => {
  test('is ascending where it does not say, in any case, with any quoting', () => {
    const read = (clause: string) => {
      const { name, isAscending } = parseOrder(clause)
      return [name.entity, name.key, isAscending]
    }
    expect(['start_time', 'metrics.a.b desc', 'tags.`x y` ASC', 'params."p" DESC'].map(read)).toEqual([
      [undefined, 'start_time', true],
      ['metrics', 'a.b', false],
      ['tags', 'x y', true],
      ['params', 'p', false],
    ])
  })

  test.each(['', 'a b', 'a desc asc', "'a'", 'a; drop table runs', 'metrics.'])('%s is refused with its own words', (clause) => {
    expect(() => parseOrder(clause)).toThrow(`Invalid order_by clause '${clause}'`)
  })
})
