import type { CollectedSession, HistoryReport } from './collect-program.ts'

/** So many symbols are named; of more their number is told. */
const NAMED = 10

/** What a load left, for a person. */
export function historyText({ feed, bars, tookMs, withoutBars, minutes, passedOver, ...saved }: HistoryReport): string {
  const seconds = tookMs / 1000
  const rate = `${count(bars)} bars in ${seconds.toFixed(1)} s, ${count(Math.round(bars / Math.max(0.001, seconds)))} a second`
  return [
    ...passedOver.map((source) => `${source.feed} was asked first and did not serve (${source.why.kind}).\n`),
    `Feed ${feed}: ${rate}; ${count(saved.new)} new, ${count(saved.revised)} revised.\n`,
    ...(minutes === undefined
      ? []
      : [`Of the sessions' minutes ${count(minutes.noTrade)} had no trade, ${count(minutes.missing)} are missing.\n`]),
    ...(withoutBars.length === 0 ? [] : [`Without any bar: ${named(withoutBars)}.\n`]),
  ].join('')
}

/** A collected session, for a person. */
export function collectedText({
  day,
  feed,
  symbols,
  bars,
  revised,
  gaps,
  repaired,
  symbolsMissing,
  slowestMs,
}: CollectedSession): string {
  const stream = `${day}: ${count(bars)} ${feed} bars of ${count(symbols)} symbols from the stream, each stored within ${slowestMs} ms`
  const gapsSaid = `${count(revised)} revised; ${gaps} ${gaps === 1 ? 'gap' : 'gaps'}, ${count(repaired)} bars asked for again`
  const missing = symbolsMissing === 0 ? 'none is missing' : `${symbolsMissing} symbols still miss minutes`
  return `${stream}, ${gapsSaid}; ${missing}.\n`
}

function named(symbols: readonly string[]): string {
  const shown = symbols.slice(0, NAMED).join(', ')
  return symbols.length <= NAMED ? shown : `${shown} and ${count(symbols.length - NAMED)} more`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
