/**
 * What an expected failure looks like: a value, not an exception. `Why` is a union on `kind` that the caller must exhaust.
 */
export type Outcome<T, Why extends { readonly kind: string }> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: Why }

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

export function refuse<Why extends { readonly kind: string }>(why: Why): { readonly ok: false; readonly why: Why } {
  return { ok: false, why }
}
