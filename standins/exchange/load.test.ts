import { expect, test } from 'vitest'
import { assertBorne, loaded } from '../../test/soak/exchange-load.ts'

test('a client that does not read its socket is told 407, and the others get every bar', async () => {
  const load = await loaded({ seed: 1, symbols: 1_000, minutes: 100, patienceMs: 100 })
  expect(load.bars).toBe(100_000)
  assertBorne(load, 200)
})
