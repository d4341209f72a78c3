import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../test/database.ts'
import { latestScreen } from './screens.store.ts'
import { ScreenView } from './views.ts'

const MIGRATION = join(import.meta.dirname, '../database/migrations/0004_screen_funnel.sql')
/** The rules of a screen before symbols were looked at and bars held back. */
const OLD_RULES = {
  completeness: 0.8,
  minimumCorrelation: 0.8,
  maximumPValue: 0.05,
  minimumHalfLifeBars: 2,
  maximumHalfLifeBars: 390,
  falseDiscoveryRate: 1,
  maximum: 20,
}

test('a screen of an older version keeps its counts, and says that it held nothing back and left nobody out', async () => {
  const database = await freshDatabase()
  const { pool } = database
  await pool.query(`
    drop table spreadworks.screened_symbols;
    alter table spreadworks.screens drop column rows, drop column head_rows, drop column funnel, drop column masked_spikes;
    alter table spreadworks.screened_pairs drop column fit, drop column volatility_forecast, drop column recent_backtest,
      drop column residual_diagnostics, drop column tail_p_value, drop column tail_shift;
    insert into spreadworks.books (book, kind, parameters, state) values ('live', 'live', '{}', 'open') on conflict do nothing`)
  await pool.query(
    `insert into spreadworks.screens (id, book, day, feed, timeframe, from_at, until_at, data_hash, rules,
       symbols_offered, symbols_complete, tested, correlated, cointegrated, shortlisted)
     values ('old', 'live', '2018-03-28', 'import', '1m', now(), now(), 'ab', $1, 17, 17, 136, 33, 2, 2)`,
    [JSON.stringify(OLD_RULES)],
  )
  for (const statement of readFileSync(MIGRATION, 'utf8').split('--> statement-breakpoint')) await pool.query(statement)
  const screen = await latestScreen(pool, { book: 'live' })
  expect(ScreenView.parse(screen)).toEqual(screen)
  expect(screen).toMatchObject({ headRows: null, symbols: [], maskedSpikes: {} })
  expect(screen?.rules).toMatchObject({ minimumScore: 0, maximumTailPValue: 1, maximumTailShift: null, maximumPValue: 0.05 })
  expect(screen?.funnel.map(({ gate, passed }) => `${passed} ${gate}`)).toEqual([
    '17 offered',
    '17 complete',
    '136 tried',
    '33 correlated',
    '2 cointegrated',
    '2 shortlisted',
  ])
  await database.close()
})
