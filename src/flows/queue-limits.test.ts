import { expect, test } from 'vitest'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { queueLimits } from './queue-limits.ts'

test('0 is no limit, but training takes no more than there are threads, and no worker more than all may', async () => {
  const { settings } = await readSettingsFiles({
    SPREADWORKS_QUEUES_TRADING_GLOBAL_CONCURRENCY: '3',
    SPREADWORKS_QUEUES_TRADING_WORKER_CONCURRENCY: '5',
    SPREADWORKS_QUEUES_FLOWS_PER_MINUTE: '60',
    SPREADWORKS_QUEUES_DATA_WORKER_CONCURRENCY: '0',
  })
  expect(Object.fromEntries(queueLimits(settings.queues, 6))).toEqual({
    trading: { perWorker: 3, atOnce: 3, perMinute: undefined },
    flows: { perWorker: undefined, atOnce: undefined, perMinute: 60 },
    data: { perWorker: undefined, atOnce: undefined, perMinute: undefined },
    train: { perWorker: 6, atOnce: undefined, perMinute: undefined },
    house: { perWorker: undefined, atOnce: undefined, perMinute: undefined },
  })
  const { settings: few } = await readSettingsFiles({ SPREADWORKS_QUEUES_TRAIN_WORKER_CONCURRENCY: '2' })
  expect(queueLimits(few.queues, 6).get('train')?.perWorker).toBe(2)
})
