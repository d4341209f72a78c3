import { expect, test } from 'vitest'
import { refusalOf } from './callers.ts'

test('a server on loopback answers to its own names only, on any port', () => {
  for (const host of ['127.0.0.1:8501', 'localhost:8501', '[::1]:8501', 'LOCALHOST'])
    expect(refusalOf({ host, origin: undefined }, '127.0.0.1')).toBeUndefined()
  for (const host of ['evil.example:8501', '127.0.0.1.evil.example', undefined]) {
    expect(refusalOf({ host, origin: undefined }, '127.0.0.1')?.code).toBe('HOST_REFUSED')
  }
})

test("no server answers another site's page", () => {
  expect(refusalOf({ host: 'localhost:8501', origin: 'http://localhost:8501' }, '127.0.0.1')).toBeUndefined()
  expect(refusalOf({ host: 'localhost:8501', origin: 'https://evil.example' }, '127.0.0.1')?.code).toBe('ORIGIN_REFUSED')
  expect(refusalOf({ host: 'desk.example', origin: 'null' }, '0.0.0.0')?.code).toBe('ORIGIN_REFUSED')
  expect(refusalOf({ host: 'desk.example', origin: 'https://desk.example' }, '0.0.0.0')).toBeUndefined()
})
