import { expect, test } from 'vitest'
import { fieldsOf, shownText, textOf, valuesOf } from './request-form.ts'

const SCHEMA = {
  type: 'object',
  properties: {
    pair: { type: 'string', description: 'The pair' },
    day: { type: 'string', format: 'date' },
    symbols: { type: 'array', items: { type: 'string' }, default: [] },
    seed: { type: 'integer', default: 7 },
    speed: { anyOf: [{ const: 'max' }, { type: 'number' }] },
    isDry: { type: 'boolean', default: false },
    kernel: { type: 'string', enum: ['auto', 'wasm'] },
    rules: { type: 'object' },
  },
}

test('a form has a field for each property, in its order, with what is taken when it is left empty', () => {
  expect(fieldsOf(SCHEMA).map(({ name, kind, otherwise }) => `${name} ${kind} ${otherwise}`.trim())).toEqual([
    ...['pair text', 'day date', 'symbols list', 'seed number 7', 'speed word-or-number', 'isDry flag false'],
    ...['kernel choice', 'rules json'],
  ])
  expect(fieldsOf({})).toEqual([])
})

test('empty fields are left out, and what is filled in has the type of its field', () => {
  const texts = { pair: ' 12 ', day: '', symbols: 'KO, PEP,', seed: '9', speed: '60', isDry: 'true', rules: '{"a":1}' }
  expect(valuesOf(fieldsOf(SCHEMA), texts)).toEqual({
    ...{ pair: '12', symbols: ['KO', 'PEP'], seed: 9, speed: 60, isDry: true, rules: { a: 1 } },
  })
  expect(valuesOf(fieldsOf(SCHEMA), { speed: 'max', seed: 'seven', rules: '{' })).toEqual({
    speed: 'max',
    seed: 'seven',
    rules: '{',
  })
})

test('a value reads in its field as it would be written there', () => {
  expect([['KO', 'PEP'], 7, 'max', true, { a: 1 }, [{ a: 1 }]].map(textOf)).toEqual([
    ...['KO, PEP', '7', 'max', 'true', '{"a":1}', '[{"a":1}]'],
  ])
})

test('instants and counts of a run read as such', () => {
  expect([1_795_396_735_395, 2_242_418, 0.25, '7', [1, 2]].map(shownText)).toEqual([
    ...['2026-11-22 20:18:55 New York', '2,242,418', '0.25', '7', '1, 2'],
  ])
})
