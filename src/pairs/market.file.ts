import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { PriceColumn } from '#domain/units.ts'

const DAILY = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'daily', 'sp500_daily.csv.gz')

export const areDailyBarsAbsent = !existsSync(DAILY)
export const WHY_ABSENT = 'the daily bars of ../shared/data are not on this machine'

/** Daily closes of `symbols` from 2013-02-08 to 2018-02-07, in order, for symbols without a missing day. */
export function readDailyCloses(symbols: readonly string[]): PriceColumn[] {
  const text = `\n${gunzipSync(readFileSync(DAILY)).toString('latin1')}`
  return symbols.map((symbol) => {
    const start = text.indexOf(`\n${symbol},`)
    const end = text.indexOf('\n', text.lastIndexOf(`\n${symbol},`) + 1)
    const closes = text
      .slice(start + 1, end)
      .split('\n')
      .map((line) => Number(line.split(',')[5]))
    return Float64Array.from(closes) as PriceColumn
  })
}
