import { z } from 'zod'

/** An instant of a query of the trading API: RFC 3339, or a date alone for its midnight in UTC. A `+` that arrived as a space is one again. */
export const instantText = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d(?:T|$)/, 'expected RFC-3339 or YYYY-MM-DD')
  .transform((text) => text.replace(/ (\d\d:?\d\d)$/, '+$1'))
  .pipe(z.coerce.date('expected RFC-3339 or YYYY-MM-DD'))
