import { expect, test } from 'vitest'
import { statementNames } from './statement-names.ts'

test('a text keeps its name, others have others, and beyond the limit new ones have none', () => {
  const nameOf = statementNames(2)
  const [a, b] = [nameOf('a'), nameOf('b')]
  expect(new Set([a, b, undefined]).size).toBe(3)
  expect([nameOf('c'), nameOf('a'), nameOf('b')]).toEqual([undefined, a, b])
})
