import type { CollectProgram } from '#cli/collect-program.ts'
import { collectOneSession, endOfHistory, startHistory } from './collections.client.ts'
import type { House } from './house.client.ts'

/** The commands that bring in bars from sources. Each opens a house when it is asked, and closes it again. */
export function collectProgram(openHouse: () => Promise<House>): CollectProgram {
  const using = async <T>(work: (house: House) => Promise<T>): Promise<T> => {
    const house = await openHouse()
    try {
      return await work(house)
    } finally {
      await house.close()
    }
  }
  return {
    loadHistory: (request, onProgress, signal) =>
      using(async (house) => endOfHistory(house, await startHistory(house, request), { onProgress, signal })),
    collect: ({ isUntilClose }, { onProgress, onSession }, signal) =>
      using(async (house) => {
        do onSession(await collectOneSession(house, { onProgress, signal }))
        while (!isUntilClose)
      }),
  }
}
