import { expect, test } from 'vitest'
import { ok } from '#domain/outcome.ts'
import { type Brought, backfill } from './backfill.ts'

const away = { kind: 'unreachable', cause: 'no network' } as const
const brought = (bars: number, stopped?: typeof away): Brought<object> => ({ counts: { bars }, stopped })

/** A load that answers for each feed what is given for it. */
const from = (given: Readonly<Record<string, Brought<object>>>) => async (feed: string) => given[feed] ?? brought(0)

test('a range is taken whole from the first source that has bars of it and tells all of them', async () => {
  const load = from({
    first: brought(0, away),
    second: brought(0),
    third: brought(7, away),
    fourth: brought(6),
    fifth: brought(9),
  })
  expect(await backfill(['first', 'second', 'third', 'fourth', 'fifth'], load)).toEqual(
    ok({
      feed: 'fourth',
      counts: { bars: 6 },
      passedOver: [
        { feed: 'first', bars: 0, why: away },
        { feed: 'second', bars: 0, why: { kind: 'no-bars' } },
        { feed: 'third', bars: 7, why: away },
      ],
    }),
  )
})

test('a range that no source has is refused with what each of them said', async () => {
  expect(await backfill(['first'], from({ first: brought(3, away) }))).toEqual({
    ok: false,
    why: { kind: 'no-source', passedOver: [{ feed: 'first', bars: 3, why: away }] },
  })
  expect(await backfill([], from({}))).toEqual({ ok: false, why: { kind: 'no-source', passedOver: [] } })
})
