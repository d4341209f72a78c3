import { expect, test } from 'vitest'
import { fieldsFromWords } from './flow-fields.ts'
import { nearestName } from './nearest-name.ts'

const TAKES = {
  properties: {
    pair: { type: 'string' },
    symbols: { type: 'array', items: { type: 'string' } },
    seed: { type: 'integer' },
    speed: { anyOf: [{ type: 'string', const: 'max' }, { type: 'number' }] },
    dry: { type: 'boolean' },
    rules: { type: 'object' },
  },
}

test('each word is read as its field’s type, and what does not fit stays text for the flow to refuse', () => {
  const words = [
    ...[
      ['pair', '12'],
      ['symbols', 'KO, PEP'],
      ['seed', '7'],
      ['dry', 'true'],
    ],
    ...[
      ['rules', '{"a":1}'],
      ['speed', 'max'],
    ],
  ] as [string, string][]
  expect(fieldsFromWords('train', words, TAKES)).toEqual({
    ...{ pair: '12', symbols: ['KO', 'PEP'], seed: 7, dry: true },
    ...{ rules: { a: 1 }, speed: 'max' },
  })
  expect(
    fieldsFromWords(
      'train',
      [
        ['speed', '60'],
        ['seed', 'seven'],
        ['symbols', ''],
      ],
      TAKES,
    ),
  ).toEqual({
    ...{ speed: 60, seed: 'seven', symbols: [] },
  })
})

test('an unknown field names the one that was meant, or those there are', () => {
  expect(() => fieldsFromWords('train', [['pari', 'x']], TAKES)).toThrow("no parameter 'pari'; did you mean pair?")
  expect(() => fieldsFromWords('train', [['lookback', '1']], TAKES)).toThrow('it takes pair, symbols, seed')
  expect(() => fieldsFromWords('backup', [['a', '1']], {})).toThrow('it takes none.')
})

test('the nearest name is one that a slip away, and none when all are far', () => {
  const names = ['train', 'signals', 'end-of-day', 'backup']
  expect(['trian', 'TRAIN', 'signal', 'end-of-dya', 'bacup'].map((word) => nearestName(word, names))).toEqual([
    ...['train', 'train', 'signals', 'end-of-day', 'backup'],
  ])
  expect(['dance', 'x', ''].map((word) => nearestName(word, names))).toEqual([undefined, undefined, undefined])
  expect(nearestName('train', [])).toBeUndefined()
  // Three letters too few or too many are near, four are not.
  const slips = ['end-of-', 'end-of', 'trainsss', 'trainssss'].map((word) => nearestName(word, names))
  expect(slips).toEqual(['end-of-day', undefined, 'train', undefined])
})
