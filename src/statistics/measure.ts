/**
 * A figure that may have no value. `undefined` is a case with its reason, so that nobody averages, ranks or gates
 * on a number that stands for the lack of one.
 */
export type Measure =
  | { readonly kind: 'measured'; readonly value: number }
  | { readonly kind: 'undefined'; readonly why: WhyUndefined }

export type WhyUndefined =
  | 'no-observations'
  | 'not-finite'
  | 'no-variation'
  | 'one-class'
  | 'no-predicted-positives'
  | 'no-positives'
  | 'no-trades'
  | 'no-losses'

export function measured(value: number): Measure {
  return { kind: 'measured', value }
}

export function undefinedBecause(why: WhyUndefined): Measure {
  return { kind: 'undefined', why }
}
