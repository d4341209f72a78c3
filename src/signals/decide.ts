import { nameOf } from '#domain/pair.ts'
import { distanceInWords, type ExitCause, type Intent, type PairView, probabilityOf } from '#strategy.ts'
import { type Signal, type SignalKind, signalIdOf } from './signal.ts'
import { minutesToClose, type Question, sightOf } from './view.ts'

const NONE = probabilityOf(0)
const CERTAIN = probabilityOf(1)

/**
 * The signal for one pair at one tick. A leg without a price for the last minute, a window with a gap, or no usable model
 * makes it `stand-aside`. Whatever is seen, the house leaves a pair before the close and one that has lost a leg; with a
 * clear view also at its stop and its time limit. Everything else is the strategy's to decide.
 * Pure: the same question gives the same signal, and bars after `at` are refused with RangeError.
 */
export function decide(question: Question): Signal {
  const sight = sightOf(question)
  if (sight.kind === 'clear') return decideOn(question, sight.view)
  const base = { ...identityOf(question), modelId: sight.modelId, z: undefined, probability: undefined }
  const numbers = { minutesToClose: minutesToClose(question) }
  const exit = unseenExit(question)
  if (exit !== undefined) return { ...base, kind: 'exit', confidence: CERTAIN, reasons: [exit.reason, sight.why], numbers }
  return { ...base, kind: 'stand-aside', confidence: NONE, reasons: [sight.why], numbers }
}

function decideOn(question: Question, view: PairView): Signal {
  const { model, strategy } = question
  const intent = permitted(question, view, houseExit(question, view) ?? strategy.decide(view))
  return {
    ...identityOf(question),
    modelId: model.kind === 'none' ? undefined : model.id,
    kind: kindOf(intent),
    confidence: intent.confidence,
    z: view.zNow,
    probability: view.reversion,
    reasons: [...intent.reasons, ...notesOn(question)],
    numbers: numbersOf(question, view),
  }
}

function identityOf({ book, at, pair, strategy }: Question): Pick<Signal, 'id' | 'book' | 'at' | 'pair' | 'strategy'> {
  return { id: signalIdOf(book, at, pair), book, at, pair, strategy: `${strategy.name}@${strategy.version}` }
}

type HouseExit = { readonly cause: ExitCause; readonly reason: string }

/** The exits that no strategy may miss, or undefined. */
function houseExit(question: Question, view: PairView): Intent | undefined {
  const exit = unseenExit(question) ?? stopExit(view) ?? timeExit(view)
  return exit && { kind: 'exit', cause: exit.cause, confidence: CERTAIN, reasons: [exit.reason] }
}

/** Why the pair is left whatever its spread does, or undefined. */
function unseenExit(question: Question): HouseExit | undefined {
  const { position, pair, rules } = question
  if (position.kind === 'flat') return undefined
  if (!position.isHedged) return { cause: 'orphan', reason: `One leg of ${nameOf(pair)} is held without the other` }
  const left = minutesToClose(question)
  if (left > rules.flatBeforeCloseMinutes) return undefined
  const rule = `${nameOf(pair)} is closed ${rules.flatBeforeCloseMinutes} minutes before the close`
  return { cause: 'calendar', reason: `${rule}; ${left.toFixed(0)} are left` }
}

function stopExit({ position, zNow, rules }: PairView): HouseExit | undefined {
  if (position.kind === 'flat') return undefined
  const against = position.direction === 'long' ? -zNow : zNow
  if (against < rules.stopZ) return undefined
  return { cause: 'stop', reason: `${distanceInWords(zNow)}, against us beyond the stop at ${rules.stopZ.toFixed(2)}` }
}

function timeExit({ position, halfLifeBars, rules }: PairView): HouseExit | undefined {
  if (position.kind === 'flat') return undefined
  const most = rules.maximumHoldingHalfLives * halfLifeBars
  if (position.barsHeld <= most) return undefined
  const limit = `${rules.maximumHoldingHalfLives} half-lives (${most.toFixed(0)} bars)`
  return { cause: 'time', reason: `Held for ${position.barsHeld} bars, longer than ${limit}` }
}

/** What is left of an intent: an entry while the pair is held, or by a model that may not open, is a hold that says so. */
function permitted({ model }: Question, view: PairView, intent: Intent): Intent {
  if (intent.kind === 'exit' && view.position.kind === 'flat') return held(intent, 'Nothing is held that could be left')
  if (intent.kind !== 'enter') return intent
  if (view.position.kind === 'open') return held(intent, 'The pair is held already')
  return model.kind === 'exits-only' ? held(intent, model.why) : intent
}

function held(intent: Intent, why: string): Intent {
  return { kind: 'hold', confidence: intent.confidence, reasons: [why, ...intent.reasons] }
}

function kindOf(intent: Intent): SignalKind {
  switch (intent.kind) {
    case 'enter':
      return intent.direction === 'long' ? 'enter-long' : 'enter-short'
    case 'exit':
    case 'hold':
      return intent.kind
    default:
      return intent satisfies never
  }
}

function notesOn({ model }: Question): readonly string[] {
  return model.kind === 'usable' && !model.isPromoted ? ['The model missed a promotion gate, which is advisory here'] : []
}

function numbersOf({ closes }: Question, view: PairView): Signal['numbers'] {
  const { position } = view
  const known: Readonly<Record<string, number | undefined>> = {
    z: view.zNow,
    spread: view.spread.at(-1),
    y: closes.y.at(-1),
    x: closes.x.at(-1),
    hedgeRatio: view.hedgeRatio,
    halfLifeBars: view.halfLifeBars,
    volatility: view.volatility,
    reversion: view.reversion,
    minutesToClose: view.minutesToClose,
    barsHeld: position.kind === 'open' ? position.barsHeld : undefined,
    entryZ: position.kind === 'open' ? position.entryZ : undefined,
  }
  return Object.fromEntries(Object.entries(known).flatMap(([name, value]) => (isKnown(value) ? [[name, value]] : [])))
}

function isKnown(value: number | undefined): value is number {
  return Number.isFinite(value)
}
