import { expect, test } from 'vitest'
import { DAY_MS, epochMs } from '#domain/units.ts'
import { type NewsStory, newsAnswer, newswireOf } from './news.ts'

const NOW = epochMs(Date.UTC(2018, 2, 28, 15))
const story = (id: number, ageMs: number): NewsStory => ({
  ...{ id, headline: `${id}`, author: '', source: 's', summary: '', content: '', url: undefined, symbols: [], images: [] },
  ...{ createdAt: epochMs(NOW - ageMs), updatedAt: epochMs(NOW - ageMs) },
})

/** The ids on the page behind `token` as it is at `now`, and the token of the next. */
function page(stories: readonly NewsStory[], query: object, now = NOW): { ids: number[]; token: string | null } {
  const answer = newsAnswer(newswireOf(stories), query, now)
  const body = JSON.parse(JSON.stringify(answer.ok ? answer.value : answer.why))
  return { ids: body.news.map(({ id }: { id: number }) => id), token: body.next_page_token }
}

test('pages of news go on where the last one ended, whatever has come or gone since', () => {
  const stories = [story(9, 3_000), story(3, 2_000), story(5, 2_000), story(1, 1_000)]
  for (const [sort, ids] of [
    ['desc', [1, 5, 3, 9]],
    ['asc', [9, 3, 5, 1]],
  ] as const) {
    const first = page(stories, { sort, limit: 2 })
    const second = page([...stories, story(7, 0)], { sort, limit: 2, page_token: first.token })
    expect([...first.ids, ...second.ids]).toEqual(ids)
  }
  // The seven days without a start move on with the clock: what is left of them is nothing, not everything again.
  const { token } = page(stories, { limit: 1 })
  expect(page([...stories, story(7, -8 * DAY_MS)], { limit: 1, page_token: token }, epochMs(NOW + 8 * DAY_MS))).toEqual({
    ids: [],
    token: null,
  })
})
