/** Every flow by its name, as people see it and as runs are stored. Renaming one orphans its unfinished runs. */
export const FLOWS = [
  'start-of-day',
  'market-stream',
  'signals',
  'hourly',
  'end-of-day',
  'load-history',
  'load-companies',
  'load-news',
  'maintain-symbols',
  'preprocess',
  'identify-pairs',
  'train',
  'backtest',
  'recycler-check',
  'backup',
  'housekeeping',
  'rehearse',
  'trading-session',
] as const

export type FlowName = (typeof FLOWS)[number]

/**
 * What waits for a worker, by kind, so that no kind holds up another: decisions and orders; flows that order others; questions to
 * sources; training, which keeps a core busy; and what keeps the house in order.
 */
export const QUEUES = ['trading', 'flows', 'data', 'train', 'house'] as const

export type QueueName = (typeof QUEUES)[number]
