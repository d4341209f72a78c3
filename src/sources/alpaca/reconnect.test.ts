import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reconnectPauseMs } from './reconnect.ts'

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('a connection that is refused for 90 s is dialled at most 8 times and stands within 120 s', () => {
  fc.assert(
    fc.property(fc.infiniteStream(chance), fc.nat(200), (chances, handshakeMs) => {
      const u = () => chances.next().value
      let [at, attempts] = [reconnectPauseMs(0, u()), 1]
      while (at < 90_000) {
        at += handshakeMs + reconnectPauseMs(attempts, u())
        attempts++
      }
      expect(attempts).toBeLessThanOrEqual(8)
      expect(at).toBeLessThan(120_000)
    }),
  )
})

test('no two clients wait the same', () => {
  fc.assert(
    fc.property(fc.nat(12), chance, chance, (failures, a, b) => {
      fc.pre(a !== b && Math.abs(a - b) > 1e-9)
      expect(reconnectPauseMs(failures, a)).not.toBe(reconnectPauseMs(failures, b))
    }),
  )
})
