import type { z } from 'zod'

/** What is wrong with the form of a query or a body, each part with its name, in one line. */
export function wordsOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ')
}
