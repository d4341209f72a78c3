import { expect, test } from 'vitest'
import { settingRows } from './settings-summary.ts'

test('settings become rows by section, nested keys joined by a dot', () => {
  expect(settingRows({ model: { hidden: [64, 32], gates: { f1: 0.55 }, name: undefined } })).toEqual([
    { section: 'model', key: 'hidden', value: '64, 32' },
    { section: 'model', key: 'gates.f1', value: '0.55' },
    { section: 'model', key: 'name', value: '' },
  ])
})

test('no secret reaches the page', () => {
  const text = JSON.stringify(
    settingRows({ database: { url: 'postgres://desk:hunter2@db:5432/x' }, alpaca: { secretKey: 'hunter2', api_key: 'hunter2' } }),
  )
  expect(text).not.toContain('hunter2')
  expect(text).toContain('postgres://desk:••••@db:5432/x')
})
