import { type Answer, type Checker, errorsOf, type Measured, refused } from './reference-answer.ts'
import { numbersIn, type ReferenceCase } from './reference-case.ts'

export type Verdict = { readonly topic: string; readonly name: string } & (
  | { readonly kind: 'passed'; readonly worst: Measured | undefined }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly worst?: Measured }
)

/** Tags of values that are rounding noise or accidents of a boundary, with what is said instead of a comparison. */
const NOT_COMPARED: ReadonlyMap<string, string> = new Map([
  ['saturated', 'saturated: no degree of freedom is left, the values are rounding noise'],
  ['ill', 'ill: the values are rounding noise'],
  ['degenerate', 'degenerate: the values are accidents of a boundary'],
  ['conditioning', 'conditioning: the other form of the filter loses its digits'],
  ['badly_scaled', 'badly_scaled: the answer of the other program depends on the unit'],
  ['unsafe_nan', 'unsafe_nan: a NaN that the other program takes for an answer; it is refused here'],
])

/** Tags whose values come from rounding alone, out of which no test may claim anything. */
const NOISE: ReadonlySet<string> = new Set(['saturated', 'ill'])
const SIGNIFICANT = 0.05

/**
 * What came of one case. Compared cases pass when every expected figure is met, or when both programs have no answer. The
 * others are run all the same: they fail where the program breaks down or claims a figure that is no number.
 */
export function verdictOn(one: ReferenceCase, check: Checker): Verdict {
  const { topic, name } = one
  try {
    const answer = answerTo(one, check)
    const tag = one.tags.find((candidate) => NOT_COMPARED.has(candidate))
    return { topic, name, ...(tag === undefined ? compared(one, answer) : glanced(one, { answer, tag })) }
  } catch (cause) {
    return { topic, name, ...failed(cause instanceof Error ? cause.message : String(cause)) }
  }
}

type Outcome = Verdict extends infer V ? (V extends unknown ? Omit<V, 'topic' | 'name'> : never) : never

/** A RangeError is how a broken contract is refused; anything else thrown is a breakdown. */
function answerTo(one: ReferenceCase, check: Checker): Answer {
  try {
    return check(one)
  } catch (cause) {
    if (cause instanceof RangeError) return refused(cause.message)
    throw cause
  }
}

function compared(one: ReferenceCase, answer: Answer): Outcome {
  const hasRaised = 'error' in one.expected
  if (answer.kind === 'refused') {
    const isAlike = hasRaised || lacksFigure(one) || isUntestable(one)
    return isAlike ? { kind: 'passed', worst: undefined } : failed(`refused (${answer.why}), where the reference has an answer`)
  }
  if (hasRaised) return failed(`answered, where the reference raises ${String(one.expected.error)}`)
  const missing = Object.keys(one.expected).filter(
    (key) => !(key in answer.figures) && !answer.aside?.includes(key) && one.expected[key] !== null,
  )
  if (missing.length > 0) return failed(`no function for ${missing.join(', ')}`)
  const errors = errorsOf(one, answer.figures)
  const worst = errors.toSorted((a, b) => b.error / b.bound - a.error / a.bound).at(0)
  if (worst === undefined) return failed('nothing was compared')
  return worst.error <= worst.bound
    ? { kind: 'passed', worst }
    : {
        kind: 'failed',
        reason: `${worst.figure} is off by ${worst.error.toExponential(1)}, more than ${worst.bound.toExponential(1)}`,
        worst,
      }
}

/** What is said must not be a claim that the input cannot bear, and a maximum must not fall short of the known one. */
function glanced(one: ReferenceCase, { answer, tag }: { readonly answer: Answer; readonly tag: string }): Outcome {
  if (answer.kind === 'answered') {
    if (tag === 'unsafe_nan') return failed('answered an input that holds a NaN')
    for (const [name, { ours }] of Object.entries(answer.figures).filter(([key]) => /p_?value/i.test(key))) {
      const wrong = Array.from(ours).find((value) => value < 0 || value > 1)
      if (wrong !== undefined) return failed(`${name} is ${wrong}, which is no probability`)
      const isSignificant = name === 'pvalue' && ours[0] < SIGNIFICANT
      if (isSignificant && NOISE.has(tag)) return failed(`${name} is ${ours[0]}: significance out of rounding noise`)
    }
  }
  const short = answer.kind === 'answered' ? shortfall(one, answer) : undefined
  return short === undefined ? { kind: 'skipped', reason: NOT_COMPARED.get(tag) ?? tag } : failed(short)
}

function shortfall(one: ReferenceCase, { figures }: Extract<Answer, { kind: 'answered' }>): string | undefined {
  const floors = Object.fromEntries(Object.entries(figures).filter(([, { isAtLeast }]) => isAtLeast))
  const wrong = errorsOf(one, floors).find(({ error, bound }) => error > bound)
  return wrong && `${wrong.figure} falls short by ${wrong.error.toExponential(1)}`
}

/** Whether the reference itself has no number for a figure; figures by name in a figure are details of it. */
function lacksFigure({ expected }: ReferenceCase): boolean {
  const figures = Object.values(expected).filter((value) => typeof value === 'number' || Array.isArray(value))
  return figures.some((value) => !numbersIn(value).every(Number.isFinite))
}

/** Whether an input column cannot be tested by anybody: it does not vary, or holds what is no finite number. */
function isUntestable({ input }: ReferenceCase): boolean {
  return Object.values(input)
    .flatMap((value) => (Array.isArray(value) && Array.isArray(value[0]) ? value : [value]))
    .filter(Array.isArray)
    .map(numbersIn)
    .some((column) => column.every((value) => value === column[0]) || !column.every(Number.isFinite))
}

function failed(reason: string): Outcome {
  return { kind: 'failed', reason }
}
