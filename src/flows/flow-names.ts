/** Every flow by its name, as people see it and as runs are stored. Renaming one orphans its unfinished runs. */
export const FLOWS = ['rehearse', 'start-of-day', 'trading-session', 'train', 'load-history', 'market-stream'] as const

export type FlowName = (typeof FLOWS)[number]

/** Training is spread pair by pair over every process that listens. */
export const TRAIN_QUEUE = 'train'
