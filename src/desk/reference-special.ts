import {
  chiSquaredTail,
  fTail,
  logNormalCdf,
  normalCdf,
  normalQuantile,
  studentQuantile,
  studentTail,
} from '#statistics/special.ts'
import { incompleteBeta } from '#statistics/special-beta.ts'
import { digamma, logGamma, upperGamma } from '#statistics/special-gamma.ts'
import { answered, type Checker } from './reference-answer.ts'
import { columnOf, textOf } from './reference-case.ts'

type Special = {
  readonly arguments: readonly string[]
  readonly f: (...at: number[]) => number
  /** Differences count relative to this at least: 1 for what passes through 0, next to nothing for tails. */
  readonly floor: number
}

const TAIL = 1e-300

/** By the call that the case names. */
const FUNCTIONS: readonly (readonly [RegExp, Special])[] = [
  [/ndtri\(/, { arguments: ['p'], f: normalQuantile, floor: 1 }],
  [/log_ndtr\(/, { arguments: ['x'], f: logNormalCdf, floor: TAIL }],
  [/ndtr\(/, { arguments: ['x'], f: normalCdf, floor: TAIL }],
  [/gammaln\(/, { arguments: ['x'], f: logGamma, floor: 1 }],
  [/digamma\(|psi\(/, { arguments: ['x'], f: digamma, floor: 1 }],
  [/chi2\.sf\(/, { arguments: ['x', 'df'], f: chiSquaredTail, floor: TAIL }],
  [/\bf\.sf\(/, { arguments: ['x', 'd1', 'd2'], f: (x, df1, df2) => fTail(x, { df1, df2 }), floor: TAIL }],
  [/\bt\.sf\(/, { arguments: ['x', 'df'], f: studentTail, floor: TAIL }],
  [/\bt\.ppf\(/, { arguments: ['p', 'df'], f: studentQuantile, floor: 1 }],
  [/betainc\(/, { arguments: ['a', 'b', 'x'], f: (a, b, x) => incompleteBeta(x, { a, b }), floor: TAIL }],
  [/gammaincc\(/, { arguments: ['a', 'x'], f: upperGamma, floor: TAIL }],
]

export const checkSpecial: Checker = (one) => {
  const call = textOf(one, 'call')
  const special = FUNCTIONS.find(([pattern]) => pattern.test(call))?.[1]
  if (special === undefined) throw new TypeError(`no function for ${call}`)
  const columns = special.arguments.map((key) => columnOf(one, key))
  const ours = columns[0].map((_, i) => special.f(...columns.map((column) => column[i])))
  return answered({ y: { ours, floor: special.floor } })
}
