import { z } from 'zod'

/** A boolean of a query; clients write `true` in every case. Absent is false. */
export const flag = z
  .string()
  .regex(/^(true|false)$/i, 'expected true or false')
  .optional()
  .transform((text) => text?.toLowerCase() === 'true')
