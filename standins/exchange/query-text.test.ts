import { expect, test } from 'vitest'
import { queryFrom } from './query-text.ts'

test('a parameter given several times is a comma list, an empty one is absent, and no name is special', () => {
  expect(queryFrom('symbols=KO&symbols=XOM%2CPEP&start=&x=a+b%zz')).toEqual({ symbols: 'KO,XOM,PEP', x: 'a b%zz' })
  const query = queryFrom('__proto__=1')
  expect([Object.keys(query), Object.getPrototypeOf(query)]).toEqual([['__proto__'], Object.prototype])
  expect(queryFrom('')).toEqual({})
})
