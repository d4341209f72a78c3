import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { epochMs, isoFrom } from '#domain/units.ts'
import { AUTH, ask, exchanges, minute, sleepUntil, socketTo, subscribed } from '../../test/exchange.ts'
import type { OpenExchange } from './exchange.server.ts'
import { createFaults, ScriptedFault } from './faults.ts'

const { open, closeAll } = exchanges()
afterEach(closeAll)

type Bar = { readonly T: string; readonly S: string; readonly t: string; readonly c: number; readonly v: number }
const add = (exchange: OpenExchange, fault: object) => ask(exchange, '/sandbox/faults', { method: 'POST', body: fault })
const listed = async (exchange: OpenExchange): Promise<{ id: number; strikes: number }[]> =>
  (await ask(exchange, '/sandbox/faults')).body
const order = (exchange: OpenExchange, id: string, more: object = {}) =>
  ask(exchange, '/v2/orders', {
    method: 'POST',
    body: { symbol: 'KO', qty: 10, side: 'buy', type: 'market', time_in_force: 'day', client_order_id: id, ...more },
  })
const times = (frames: Bar[][]) => frames.map(([{ t }]) => t)

describe('the list of faults', () => {
  test('is added to, told with its strikes, and taken from', async () => {
    const exchange = await open({ faults: [ScriptedFault.parse({ kind: 'clock-skew', skewMs: 5 })] })
    const added = await add(exchange, [{ kind: 'server-error', host: 'trading' }, { kind: 'mute-stream' }])
    expect(added.body.map(({ id }: { id: number }) => id)).toEqual([2, 3])
    expect((await ask(exchange, '/v2/clock')).status).toBe(500)
    expect((await listed(exchange)).map(({ strikes }) => strikes)).toEqual([0, 1, 0])
    expect((await ask(exchange, '/sandbox/faults/2', { method: 'DELETE' })).status).toBe(204)
    expect((await ask(exchange, '/sandbox/faults/2', { method: 'DELETE' })).status).toBe(404)
    expect((await ask(exchange, '/v2/clock')).status).toBe(200)
    await ask(exchange, '/sandbox/faults', { method: 'DELETE' })
    expect(await listed(exchange)).toEqual([])
  })

  test('has every kind in the table of docs/exchange.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/exchange.md'), 'utf8')
    const kinds = ScriptedFault.options.map(({ shape }) => shape.kind.value)
    expect(kinds.filter((kind) => !page.includes(`| \`${kind}\` |`))).toEqual([])
  })

  test('refuses what it does not know', async () => {
    const exchange = await open()
    const wrong = [{ kind: 'meteor' }, { kind: 'slow-frames' }, { kind: 'mute-stream', fraction: 2 }, []]
    // A key that is misspelt would strike everything; a clock that is ages off has no date.
    const misspelt = { kind: 'refuse-order', symbol: ['KO'] }
    for (const fault of [...wrong, misspelt, { kind: 'clock-skew', skewMs: 9e15 }, [{ kind: 'mute-stream' }, misspelt]])
      expect((await add(exchange, fault)).status).toBe(422)
    expect(await listed(exchange)).toEqual([])
  })

  test('keeps to its times, its count and its fraction, the same for the same seed', () => {
    const clock = { now: 0, wall: 0 }
    const struck = (fault: object, occasions: number) => {
      const script = [ScriptedFault.parse({ kind: 'mute-stream', ...fault })]
      const faults = createFaults({ now: () => epochMs(clock.now), wall: () => clock.wall, script })
      return Array.from({ length: occasions }, (_, i) => {
        Object.assign(clock, { now: i, wall: i })
        return faults.strike('mute-stream') === undefined ? '-' : 'x'
      }).join('')
    }
    expect(struck({ from: 2, until: 4 }, 6)).toBe('--xx--')
    Object.assign(clock, { now: 0, wall: 0 })
    expect(struck({ forMs: 3 }, 6)).toBe('xxx---')
    expect(struck({ count: 2 }, 4)).toBe('xx--')
    const some = struck({ fraction: 0.2, seed: 4 }, 1_000)
    expect(struck({ fraction: 0.2, seed: 4 }, 1_000)).toBe(some)
    expect(some.replaceAll('-', '').length).toBeGreaterThan(150)
    expect(some.replaceAll('-', '').length).toBeLessThan(250)
  })
})

describe('a data stream', () => {
  test('that is mute answers pings and sends no bars, until it does again', async () => {
    const exchange = await open({ faults: [ScriptedFault.parse({ kind: 'mute-stream', from: minute(2), until: minute(4) })] })
    const stream = await subscribed(exchange, { bars: ['KO'] })
    expect((await sleepUntil(exchange, minute(3))).bars).toBe(1)
    await new Promise((resolve) => stream.socket.once('pong', resolve).ping())
    expect((await sleepUntil(exchange, minute(5))).bars).toBe(3)
    expect(times((await stream.heard(6)).slice(3))).toEqual([0, 3, 4].map((n) => isoFrom(minute(n))))
  })

  test('breaks at once when told to, and refuses to come back for a time', async () => {
    const exchange = await open()
    const stream = await subscribed(exchange, { bars: ['KO'] })
    await add(exchange, [
      { kind: 'refuse-connections', count: 2 },
      { kind: 'drop-connection', count: 1 },
    ])
    await stream.closed()
    const codes: unknown[] = []
    for (let i = 0; i < 3; i++) {
      const again = await socketTo(`${exchange.streamUrl}/v2/iex`)
      again.say(AUTH)
      const [, [answer]] = await again.heard(2)
      codes.push(answer.code ?? answer.msg)
    }
    expect(codes).toEqual([406, 406, 'authenticated'])
  })

  test('doubles frames, changes their order, and is late, but counts what it has sent', async () => {
    const exchange = await open()
    const stream = await subscribed(exchange, { bars: ['KO'] })
    await add(exchange, { kind: 'duplicate-frames', count: 1 })
    expect((await sleepUntil(exchange, minute(2))).bars).toBe(3)
    await add(exchange, { kind: 'reorder-frames', count: 1 })
    expect((await sleepUntil(exchange, minute(3))).bars).toBe(3)
    expect((await sleepUntil(exchange, minute(4))).bars).toBe(5)
    await add(exchange, { kind: 'slow-frames', delayMs: 20, count: 1 })
    expect((await sleepUntil(exchange, minute(5))).bars).toBe(5)
    expect(times((await stream.heard(9)).slice(3))).toEqual([0, 0, 1, 3, 2, 4].map((n) => isoFrom(minute(n))))
  })

  test('tells a bar again when trades came late, and history has the last word', async () => {
    const exchange = await open({ faults: [ScriptedFault.parse({ kind: 'late-trades', symbols: ['KO'], count: 1 })] })
    const stream = await subscribed(exchange, { bars: ['KO'], updatedBars: ['*'] })
    await sleepUntil(exchange, minute(2))
    const [[first], [updated], [second]]: Bar[][] = (await stream.heard(6)).slice(3)
    expect([first.T, updated.T, second.T]).toEqual(['b', 'u', 'b'])
    expect([updated.t, updated.v > first.v]).toEqual([first.t, true])
    const { bars } = (await ask(exchange, '/v2/stocks/KO/bars?timeframe=1Min')).body
    expect(bars[0]).toEqual(expect.objectContaining({ v: updated.v, c: updated.c }))
  })
})

describe('requests', () => {
  test('are answered 429 with or without the headers, for one host only', async () => {
    const exchange = await open()
    await add(exchange, { kind: 'rate-limit', count: 1, retryAfterSeconds: 7 })
    await add(exchange, { kind: 'rate-limit', count: 1, withHeaders: false })
    expect((await ask(exchange, '/v2/clock')).status).toBe(200)
    const [told, untold, over] = await Promise.all([1, 2, 3].map(() => ask(exchange, '/v2/stocks/KO/bars/latest')))
    expect([told.status, told.headers.get('retry-after'), told.headers.get('x-ratelimit-remaining')]).toEqual([429, '7', '0'])
    expect([untold.status, untold.headers.get('retry-after'), untold.headers.get('x-ratelimit-reset')]).toEqual([429, null, null])
    expect(over.status).toBe(200)
  })

  test('are carried out though the answer is lost', async () => {
    const exchange = await open()
    await add(exchange, [
      { kind: 'lose-answer', count: 1 },
      { kind: 'lose-answer', count: 1, answer: 'cut' },
    ])
    expect((await order(exchange, 'a')).status).toBe(504)
    await expect(order(exchange, 'b')).rejects.toThrow()
    expect((await ask(exchange, '/v2/orders')).body.map((o: { client_order_id: string }) => o.client_order_id)).toEqual([
      'b',
      'a',
    ])
    expect((await order(exchange, 'a')).status).toBe(422)
  })

  test('are told a wrong time and a wrong half day', async () => {
    const exchange = await open()
    await add(exchange, [
      { kind: 'clock-skew', skewMs: -90_000 },
      { kind: 'wrong-half-day', date: '2018-03-28' },
    ])
    expect(Date.parse((await ask(exchange, '/v2/clock')).body.timestamp)).toBe(minute(-1.5))
    const calendar = (await ask(exchange, '/v2/calendar?start=2018-03-28&end=2018-03-29')).body
    expect(calendar.map(({ close }: { close: string }) => close)).toEqual(['13:00', '16:00'])
  })
})

describe('orders', () => {
  test('are refused, rejected after all, not lent for, and filled late or in part', async () => {
    const exchange = await open()
    await add(exchange, { kind: 'refuse-order', symbols: ['CVX'], side: 'sell', status: 403, message: 'no' })
    expect((await order(exchange, 'leg', { symbol: 'CVX', side: 'sell' })).body).toEqual({ code: 40_310_000, message: 'no' })
    await add(exchange, { kind: 'not-borrowable', symbols: ['CVX'] })
    expect((await ask(exchange, '/v2/assets/CVX')).body.shortable).toBe(false)
    await ask(exchange, '/sandbox/faults/1', { method: 'DELETE' })
    expect((await order(exchange, 'short', { symbol: 'CVX', side: 'sell' })).status).toBe(422)
    await add(exchange, [
      { kind: 'reject-order', symbols: ['XOM'] },
      { kind: 'late-fills', symbols: ['KO'], delayMs: 120_000 },
      { kind: 'partial-fills', symbols: ['KO'], participation: 0.001 },
    ])
    await order(exchange, 'rejected', { symbol: 'XOM' })
    await order(exchange, 'late')
    const status = async (id: string) => (await ask(exchange, `/v2/orders:by_client_order_id?client_order_id=${id}`)).body
    await sleepUntil(exchange, minute(2))
    expect([(await status('rejected')).status, (await status('late')).status]).toEqual(['rejected', 'new'])
    await sleepUntil(exchange, minute(4))
    expect((await status('late')).status).toBe('partially_filled')
  })

  test('are filled though no trade update says so', async () => {
    const exchange = await open({ faults: [ScriptedFault.parse({ kind: 'drop-trade-updates' })] })
    const updates = await socketTo(`${exchange.streamUrl}/stream`)
    updates.say({ action: 'authenticate', data: { key_id: AUTH.key, secret_key: AUTH.secret } })
    updates.say({ action: 'listen', data: { streams: ['trade_updates'] } })
    await updates.heard(2)
    await order(exchange, 'a')
    expect((await sleepUntil(exchange, minute(2))).tradeUpdates).toBe(0)
    expect((await ask(exchange, '/v2/positions/KO')).body.qty).toBe('10')
  })
})

describe('bad bars', () => {
  const closes = async (exchange: OpenExchange, query: string) =>
    (await ask(exchange, `/v2/stocks/KO/bars?${query}`)).body.bars as Bar[]

  test('are shown on the stream and in history, where they are said to be, and nothing executes at them', async () => {
    const clean = await open()
    const exchange = await open()
    await add(exchange, {
      kind: 'bad-bars',
      symbols: ['KO'],
      defect: 'times',
      from: isoFrom(minute(1)),
      until: isoFrom(minute(2)),
    })
    const stream = await subscribed(exchange, { bars: ['KO', 'XOM'] })
    await order(exchange, 'a')
    await Promise.all([sleepUntil(exchange, minute(3)), sleepUntil(clean, minute(3))])
    const [good, bad] = [await closes(clean, 'timeframe=1Min'), await closes(exchange, 'timeframe=1Min')]
    expect(bad.map(({ c }, i) => Math.round(c / good[i].c))).toEqual([1, 100, 1])
    const frames: Bar[][] = (await stream.heard(6)).slice(3)
    expect(frames.map(([ko]) => ko.c)).toEqual(bad.map(({ c }) => c))
    expect(Number((await ask(exchange, '/v2/positions/KO')).body.avg_entry_price)).toBeLessThan(2 * good[0].c)
  })

  test('make daily bars bad: half a split, and a day that is empty', async () => {
    const exchange = await open({ startAt: minute(400) })
    const [before, day] = await closes(exchange, 'timeframe=1Day&start=2018-03-27')
    await add(exchange, [
      { kind: 'bad-bars', symbols: ['KO'], defect: 'half-split', factor: 2, until: isoFrom(minute(-60)) },
      { kind: 'bad-bars', symbols: ['KO'], defect: 'empty', from: isoFrom(minute(0)), until: isoFrom(minute(390)) },
    ])
    const shown = await closes(exchange, 'timeframe=1Day&start=2018-03-27')
    expect(shown.map(({ c, v }) => [c, v])).toEqual([[expect.closeTo(before.c / 2, 5), before.v]])
    expect(day.t).toBe('2018-03-28T04:00:00.000Z')
  })
})
