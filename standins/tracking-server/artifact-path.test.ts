import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { partsOfPath, pathOf } from './artifact-path.ts'

const encodedOnce = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

describe('a path below the root', () => {
  test.each(['1/abc/artifacts/model/MLmodel', '50% of it.txt', 'a b/ü.bin', '.hidden', 'a..b', '%zz'])(
    '%s is taken as it is',
    (path) => {
      expect(partsOfPath(path).join('/')).toBe(path)
    },
  )

  test('that leads out of it is refused, however often which of its letters are encoded', () => {
    const step = fc.constantFrom('..', '.', '', '.. ', '...', '..\\', 'a\\..\\b', 'a\0b', 'a#b')
    const depth = fc.integer({ min: 0, max: 3 })
    fc.assert(
      fc.property(step, depth, fc.constantFrom('x', 'deep/x'), (bad, times, rest) => {
        const hidden = Array.from({ length: times }).reduce<string>(encodedOnce, bad)
        fc.pre(hidden !== '' || times === 0)
        expect(() => partsOfPath(`a/${hidden}/${rest}`)).toThrow('Invalid path')
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  test.each(['/etc/passwd', 'C:/x', 'c%3A/x', 'a//b', 'a/', `${'x'.repeat(256)}`, 'x/'.repeat(600)])('%s is refused', (path) => {
    expect(() => partsOfPath(path)).toThrow('Invalid path')
  })
})

describe('the address of a run’s artifacts', () => {
  test.each([
    ['mlflow-artifacts:/1/abc/artifacts', 'model', '1/abc/artifacts/model'],
    ['mlflow-artifacts://host:5000/1/abc', '', '1/abc'],
  ])('%s with %s is %s', (root, inner, path) => expect(pathOf(root, inner)).toBe(path))

  test('that another store keeps is refused with the address', () => {
    expect(() => pathOf('s3://bucket/x', '')).toThrow('The artifacts at s3://bucket/x are not kept by this server')
  })
})
