import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalisedUrl } from './news.ts'

test('copies of one article have one address', () => {
  const copies = [
    'https://www.example.com/a/b?id=7&z=1',
    'http://example.com/a/b/?z=1&id=7#top',
    'HTTPS://WWW.Example.COM/a/b?utm_source=x&id=7&z=1&fbclid=q',
    'https://example.com:443/a/b?id=7&z=1&.tsrc=rss',
  ]
  expect(new Set(copies.map(normalisedUrl))).toEqual(new Set(['https://example.com/a/b?id=7&z=1']))
})

test('what tells one article from another is kept: path, its letters, and other parameters', () => {
  const others = ['https://example.com/a', 'https://example.com/A', 'https://example.com/a?p=1', 'https://news.example.com/a']
  expect(new Set(others.map(normalisedUrl)).size).toBe(others.length)
  expect(['removed', 'ftp://example.com/a', 'javascript:alert(1)', ''].map(normalisedUrl)).toEqual(Array(4).fill(undefined))
})

test('an address that is normalised stays as it is', () => {
  const word = fc.constantFrom('a', 'B', 'utm_source', 'id', 'ä', 'x%20y', '1+1', '')
  const parts = {
    host: fc.constantFrom('a.com', 'www.A.com:8080', 'news.a.co.uk:443'),
    path: fc.array(word),
    query: fc.array(fc.tuple(word, word)),
  }
  fc.assert(
    fc.property(fc.record(parts), ({ host, path, query }) => {
      const once = normalisedUrl(`http://${host}/${path.join('/')}?${query.map((pair) => pair.join('=')).join('&')}#end`)
      expect(once).toBeDefined()
      expect(normalisedUrl(once ?? '')).toBe(once)
    }),
  )
})
