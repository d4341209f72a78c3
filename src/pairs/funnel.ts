import type { PairVerdict } from './screened-pair.ts'
import type { ScreenedSymbol } from './screened-symbol.ts'

/** One gate of the screen and how many passed it and those before it. */
export type FunnelStep = { readonly gate: Gate; readonly of: 'symbols' | 'pairs'; readonly passed: number }

const SYMBOL_GATES = ['offered', 'complete', 'stable'] as const
const PAIR_GATES = [
  'tried',
  'correlated',
  'cointegrated',
  'hedged',
  'reverting',
  'false-discovery',
  'out-of-sample',
  'shortlisted',
] as const

export type Gate = (typeof SYMBOL_GATES)[number] | (typeof PAIR_GATES)[number]

/** The last gate that a symbol or a pair with this verdict has passed. */
const LAST_OF_SYMBOL: Readonly<Record<ScreenedSymbol['verdict'], (typeof SYMBOL_GATES)[number]>> = {
  incomplete: 'offered',
  'not-testable': 'complete',
  unstable: 'complete',
  screened: 'stable',
}
const LAST_OF_PAIR: Readonly<Record<PairVerdict['verdict'], (typeof PAIR_GATES)[number]>> = {
  'not-testable': 'tried',
  'low-correlation': 'tried',
  'not-cointegrated': 'correlated',
  'negative-hedge-ratio': 'cointegrated',
  'half-life-out-of-range': 'hedged',
  'false-discovery': 'reverting',
  'broke-out-of-sample': 'false-discovery',
  'low-score': 'out-of-sample',
  shortlisted: 'shortlisted',
}

/** How many passed each gate, in the order of the gates. */
export function funnelOf(
  symbols: readonly Pick<ScreenedSymbol, 'verdict'>[],
  pairs: readonly Pick<PairVerdict, 'verdict'>[],
): FunnelStep[] {
  const symbolsAt = symbols.map(({ verdict }) => LAST_OF_SYMBOL[verdict])
  const pairsAt = pairs.map(({ verdict }) => LAST_OF_PAIR[verdict])
  return [
    ...passedEach(SYMBOL_GATES, symbolsAt).map((step) => ({ ...step, of: 'symbols' as const })),
    ...passedEach(PAIR_GATES, pairsAt).map((step) => ({ ...step, of: 'pairs' as const })),
  ]
}

/** How many passed `gate` of a whole funnel. */
export function passedAt(funnel: readonly FunnelStep[], gate: Gate): number {
  const step = funnel.find((one) => one.gate === gate)
  if (step === undefined) throw new RangeError(`the funnel has no gate ${gate}`)
  return step.passed
}

/** For each gate, how many have it or a later one for their last. */
function passedEach<G extends Gate>(gates: readonly G[], last: readonly G[]): { readonly gate: G; readonly passed: number }[] {
  const stopped = new Map<G, number>()
  for (const gate of last) stopped.set(gate, (stopped.get(gate) ?? 0) + 1)
  let passed = 0
  return gates
    .toReversed()
    .map((gate) => {
      passed += stopped.get(gate) ?? 0
      return { gate, passed }
    })
    .toReversed()
}
