import { z } from 'zod'

const Instant = z.number().describe('epoch ms')

export const AlertDeliveryView = z.object({
  channel: z.enum(['slack', 'webhook', 'email']),
  what: z.enum(['raised', 'resolved']).describe('what is told: that it began, or that it is over'),
  state: z.enum(['due', 'sending', 'sent', 'failed', 'held']),
  attempts: z.number().int(),
  dueAt: Instant.describe('when it is tried next, while it is due or held'),
  sentAt: Instant.nullable(),
  error: z.string().nullable().describe('why the last try did not succeed'),
})

export const AlertRecord = z.object({
  id: z.string(),
  key: z.string(),
  book: z.string().nullable().describe('null: about the system'),
  flow: z.string().nullable(),
  runId: z.string().nullable(),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  body: z.string(),
  at: Instant.describe('when it was raised first'),
  lastAt: Instant,
  times: z.number().int().describe('how often it was raised'),
  resolvedAt: Instant.nullable().describe('when it was over'),
  acknowledgedAt: Instant.nullable(),
  acknowledgedBy: z.string().nullable(),
  deliveries: z.array(AlertDeliveryView),
})

export const AlertsView = z.object({
  open: z.array(AlertRecord).describe('neither over nor acknowledged, the gravest first, then the newest'),
  recent: z.array(AlertRecord).describe('the others, newest first'),
})

export type AlertDeliveryView = z.infer<typeof AlertDeliveryView>
export type AlertRecord = z.infer<typeof AlertRecord>
export type AlertsView = z.infer<typeof AlertsView>
