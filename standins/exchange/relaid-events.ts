import { sessionsBefore } from '#domain/calendar.ts'
import { epochMs } from '#domain/units.ts'
import type { CorporateAction } from './corporate-actions.ts'
import { numberFrom } from './ids.ts'
import { type NewsStory, type Newswire, newswireOf, shownAt } from './news.ts'
import { firstEndingAfter, type LaidSession } from './relaid-tape.ts'

/** Whatever was told in (recordedFrom, recorded close] is shown in (from, until]. */
type Stretch = LaidSession & { readonly recordedFrom: number; readonly from: number; readonly until: number }

/**
 * A wire on which recorded stories come when the sessions are shown that they came with. A story keeps its distance to the
 * opening, before it and after, as far as the time between the two shown sessions reaches. Later passes tell it again under another id.
 */
export function relaidNews(stories: readonly NewsStory[], laid: readonly LaidSession[]): Newswire {
  const recorded = newswireOf(stories)
  const stretches = laid.map((one, i): Stretch => {
    const before = laid.at(i - 1)
    const isFollowing = i > 0 && before !== undefined && before.recorded.date < one.recorded.date
    return {
      ...one,
      recordedFrom: isFollowing ? before.recorded.closesAt : closeBefore(one.recorded.date),
      from: i > 0 && before !== undefined ? before.shown.closesAt : closeBefore(one.shown.date),
      until: one.shown.closesAt + 1,
    }
  })
  return (from, until) => {
    const found: NewsStory[] = []
    for (let i = firstEndingAfter(stretches, from); i < stretches.length && stretches[i].from < until; i++) {
      const stretch = stretches[i]
      const told = recorded(epochMs(stretch.recordedFrom + 1), stretch.recorded.closesAt)
      found.push(...told.map((story) => shownIn(story, stretch)))
    }
    return found.filter((story) => from <= shownAt(story) && shownAt(story) <= until)
  }
}

function closeBefore(date: Parameters<typeof sessionsBefore>[0]): number {
  return sessionsBefore(date, 1).at(0)?.closesAt ?? Number.NEGATIVE_INFINITY
}

function shownIn(story: NewsStory, { shown, recorded, pass, from }: Stretch): NewsStory {
  const at = shown.opensAt + (shownAt(story) - recorded.opensAt)
  const shift = Math.min(Math.max(at, from + 1), shown.closesAt) - shownAt(story)
  return {
    ...story,
    id: pass === 1 ? story.id : numberFrom('story', story.id, pass),
    createdAt: epochMs(story.createdAt + shift),
    updatedAt: epochMs(story.updatedAt + shift),
  }
}

type Split = Extract<CorporateAction, { readonly kind: 'split' }>

/**
 * The splits that the shown prices have: each on the shown session of the first recorded one on which it holds. Where the next
 * pass goes back behind a split, it is taken back, as the prices are.
 */
export function relaidSplits(splits: readonly Split[], laid: readonly LaidSession[]): Split[] {
  return laid.flatMap(({ shown, recorded }, i) => {
    const before = i > 0 ? laid.at(i - 1) : undefined
    if (before === undefined) return []
    const [from, until] = [before.recorded.date, recorded.date]
    const taken = splits.filter(({ exDate }) => from < exDate && exDate <= until)
    const undone = splits.filter(({ exDate }) => until < exDate && exDate <= from)
    return [
      ...taken.map((split) => ({ ...split, exDate: shown.date })),
      ...undone.map((split) => ({ ...split, exDate: shown.date, newRate: split.oldRate, oldRate: split.newRate })),
    ]
  })
}
