import type { Book } from '#domain/book.ts'
import type { Pair } from '#domain/pair.ts'
import type { Session } from '#domain/sessions.ts'
import {
  type EpochMs,
  type LogSpreadColumn,
  MINUTE_MS,
  type PriceColumn,
  type TimeColumn,
  type ZScoreColumn,
} from '#domain/units.ts'
import { forecast } from '#models/forecast.ts'
import type { PairModel } from '#models/pair-model.ts'
import type { Direction, PairPosition, PairView, Strategy, StrategyRules } from '#strategy.ts'

/** Closes of both legs on one clock of session minutes. Row t is of the bar that opened at openedAt[t]; NaN where unknown. */
export type PairCloses = { readonly openedAt: TimeColumn; readonly y: PriceColumn; readonly x: PriceColumn }

/** The model that may decide. `exits-only`: it opens nothing, for the reason given, and still manages what is held. */
export type ModelForPair =
  | { readonly kind: 'usable'; readonly id: string; readonly model: PairModel; readonly isPromoted: boolean }
  | { readonly kind: 'exits-only'; readonly id: string; readonly model: PairModel; readonly why: string }
  | { readonly kind: 'none'; readonly why: string }

/** What the book holds of the pair, as its portfolio knows it. */
export type HeldPosition =
  | { readonly kind: 'flat'; readonly since: EpochMs | undefined }
  | {
      readonly kind: 'open'
      readonly direction: Direction
      readonly entryZ: number | undefined
      readonly openedAt: EpochMs
      /** False when one leg alone is left. */
      readonly isHedged: boolean
    }

/** Everything that one pair's decision at one tick depends on. */
export type Question = {
  readonly book: Book
  readonly pair: Pair
  readonly model: ModelForPair
  readonly closes: PairCloses
  readonly at: EpochMs
  readonly session: Session
  readonly position: HeldPosition
  readonly rules: StrategyRules
  readonly strategy: Strategy
  /** The rolling z-score of the pair's spread; whoever asks tick after tick remembers what it was before. */
  readonly zScoreOf: (spread: LogSpreadColumn) => ZScoreColumn
}

/** Either all that a strategy needs, or in a sentence why there is no such view of the pair now. */
export type Sight =
  | { readonly kind: 'clear'; readonly view: PairView }
  | { readonly kind: 'blind'; readonly why: string; readonly modelId: string | undefined }

/** The pair as a strategy sees it, from the bars that closed by `at`. */
export function sightOf(question: Question): Sight {
  const { model, closes, at, pair, rules } = question
  if (model.kind === 'none') return { kind: 'blind', why: model.why, modelId: undefined }
  const blind = (why: string): Sight => ({ kind: 'blind', why, modelId: model.id })
  const missing = missingLeg(question)
  if (missing !== undefined) return blind(missing)
  const { spread, volatility, probability } = forecast(model.model, closes.y, closes.x)
  const z = question.zScoreOf(spread)
  const zNow = z.at(-1) ?? Number.NaN
  if (!Number.isFinite(zNow)) return blind(`The z-score needs ${rules.zscoreWindowBars} bars of both legs without a gap`)
  return {
    kind: 'clear',
    view: {
      pair,
      at,
      minutesToClose: minutesToClose(question),
      openedAt: closes.openedAt,
      spread,
      z,
      zNow,
      hedgeRatio: model.model.hedge.beta,
      halfLifeBars: model.model.halfLifeBars,
      volatility,
      reversion: probability.ok ? probability.value : undefined,
      position: positionSeen(question),
      rules,
    },
  }
}

/** Minutes of trading left in the session, at least 0. */
export function minutesToClose({ session, at }: Pick<Question, 'session' | 'at'>): number {
  return Math.max(0, (session.closesAt - at) / MINUTE_MS)
}

/**
 * The leg whose bar that closed at the tick is missing, in a sentence; undefined when both are there. Throws RangeError
 * for a bar that had not closed yet: a decision must not see it.
 */
function missingLeg({ closes: { openedAt, y, x }, at, pair }: Question): string | undefined {
  const last = openedAt.at(-1)
  if (last !== undefined && last > at - MINUTE_MS) {
    throw new RangeError(`a decision may see bars that closed by ${at} only, got one that opened at ${last}`)
  }
  if (last !== at - MINUTE_MS) return `No bar of ${pair.y} or ${pair.x} for the last minute`
  if (Number.isNaN(y.at(-1))) return `${pair.y} has no price for the last minute`
  return Number.isNaN(x.at(-1)) ? `${pair.x} has no price for the last minute` : undefined
}

function positionSeen({ position, closes: { openedAt } }: Question): PairPosition {
  if (position.kind === 'flat') return position
  const { kind, direction, entryZ, openedAt: since } = position
  return { kind, direction, entryZ, openedAt: since, barsHeld: openedAt.length - firstAtOrAfter(openedAt, since) }
}

function firstAtOrAfter(openedAt: TimeColumn, at: EpochMs): number {
  const index = openedAt.findIndex((opened) => opened >= at)
  return index < 0 ? openedAt.length : index
}
