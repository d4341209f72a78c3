import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import type { Split } from '#market/daily-closes.ts'
import type { StoredArticle } from '#market/stored-article.ts'
import type { CorporateAction } from '../../standins/exchange/corporate-actions.ts'
import { numberFrom } from '../../standins/exchange/ids.ts'
import type { NewsStory } from '../../standins/exchange/news.ts'

/**
 * A stored article as the exchange tells it: published when its publisher says, but updated, and so shown, no earlier than it
 * was received. It has no content and no pictures, since none are stored; its id derives from its address.
 */
export function storyOf({ url, title, summary, publisher, author, symbols, ...times }: StoredArticle): NewsStory {
  return {
    id: numberFrom('article', url),
    headline: title,
    author: author ?? '',
    source: publisher,
    summary: summary ?? '',
    content: '',
    url,
    symbols,
    images: [],
    createdAt: times.publishedAt,
    updatedAt: epochMs(Math.max(times.publishedAt, times.receivedAt)),
  }
}

type SplitAction = Extract<CorporateAction, { readonly kind: 'split' }>

/** Stored splits as corporate actions; a symbol that shows another one's bars has that one's splits as well. */
export function splitActions(
  splits: ReadonlyMap<Symbol_, readonly Split[]>,
  proxies: ReadonlyMap<Symbol_, Symbol_>,
): SplitAction[] {
  const own = [...splits].flatMap(([symbol, list]) => list.map((split) => actionOf(symbol, split)))
  const proxied = [...proxies].flatMap(([symbol, proxy]) => (splits.get(proxy) ?? []).map((split) => actionOf(symbol, split)))
  return [...own, ...proxied]
}

function actionOf(symbol: Symbol_, { effectiveOn, newPerOld }: Split): SplitAction {
  const rates = newPerOld >= 1 ? { newRate: newPerOld, oldRate: 1 } : { newRate: 1, oldRate: rounded(1 / newPerOld) }
  return { kind: 'split', symbol, exDate: effectiveOn, ...rates }
}

/** Takes away what binary fractions add: 1 / 0.1 and 1 / 0.05 are whole numbers here. */
function rounded(rate: number): number {
  return Math.round(rate * 1e6) / 1e6
}
