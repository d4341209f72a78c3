import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { markPromoted, modelsFor } from '#models/models.store.ts'
import { promotion } from '#models/promotion.ts'
import { openBook } from './books.store.ts'
import { saveResult } from './flow-results.store.ts'
import { sentenceOf } from './load-history.steps.ts'
import { endPhase } from './phases.store.ts'
import { saveProgress } from './progress.store.ts'
import { type DayParameters, tellingRunId } from './rehearsal.ts'
import { runLog } from './run-log.flow.ts'
import { screenDay } from './screen-day.steps.ts'
import type { StartOfDaySteps } from './start-of-day.flow.ts'

export function startOfDaySteps(sql: Pool, threads: number): StartOfDaySteps {
  return {
    screen: async (day) => (await screenDay(sql, day, threads)).shortlist,
    promote: (day) => promote(sql, day),
    openBook: (day) => openBookOfDay(sql, day),
    tellNotLoaded: async (day, loaded) => {
      if (loaded.ok) return
      const said = loaded.why.passedOver.map(sentenceOf).join(' ')
      await runLog(sql, 'load-history').warn(`${day.day} is made ready with what is stored. ${said}`)
    },
    tellNotTrained: async (_, failed) => {
      const log = runLog(sql, 'train')
      for (const { part, failure } of failed) await log.error(`${part} was not trained: ${failure}`)
    },
    ready: async ({ day }, screenId) => {
      const models = await modelsFor(sql, day.book, day.day)
      const promoted = models.filter(({ isPromoted }) => isPromoted).length
      const detail = { parameters: day, screenId, models: models.length, promoted }
      await saveResult(sql, DBOS.workflowID ?? '', {
        kind: 'readiness',
        reference: day.day,
        book: day.book,
        day: day.day,
        detail,
      })
      const sentence = `${day.day}: ready with ${models.length} models, ${promoted} of them promoted`
      const progress = { done: models.length, total: models.length, unit: 'models', sentence }
      await saveProgress(sql, tellingRunId(day), progress, day.book)
    },
  }
}

/** The book of a day that is made ready or screened by itself. An account's stays open from day to day. */
export function openBookOfDay(sql: Pool, { book, ...parameters }: DayParameters): Promise<void> {
  const { feed, speed } = parameters
  return openBook(sql, book, { feed, speed: String(speed), parameters })
}

async function promote(sql: Pool, day: DayParameters): Promise<void> {
  for (const { id, model } of await modelsFor(sql, day.book, day.day))
    await markPromoted(sql, id, promotion(model.scores, day.rules.promotion))
  await endPhase(sql, day.book, 'train')
}
