import { Option } from 'commander'
import { TIMEFRAME_MS } from '#domain/bars.ts'
import type { AddCommand } from './add-command.command.ts'
import type { LoadRequest } from './collect-program.ts'
import { historyText } from './collect-text.ts'
import { progressBar } from './progress-bar.client.ts'

type Options = {
  from?: string
  until?: string
  symbol: string[]
  timeframe: LoadRequest['timeframe']
  feed?: NonNullable<LoadRequest['feed']>
  json?: true
}

export const addHistoryCommand: AddCommand = (cli, program, signal) => {
  const { terminal, collect } = program
  cli
    .command('history')
    .description('bars of the past, from sources')
    .command('load')
    .description(
      'ask Alpaca where its keys are set, else Yahoo; bars that are stored already stay, and corrected ones are kept as revisions',
    )
    .option('--from <date>', 'first session, YYYY-MM-DD; market.history_days before the last unless given')
    .option('--until <date>', 'last session; the last one that closed unless given')
    .option(
      '--symbol <ticker>',
      'may be repeated; the symbols that are collected unless given',
      (ticker: string, before: string[]) => [...before, ticker],
      [],
    )
    .addOption(new Option('--timeframe <name>', 'bars of this length').choices(Object.keys(TIMEFRAME_MS)).default('1m'))
    .addOption(new Option('--feed <name>', 'where they come from').choices(['iex', 'sip', 'yahoo', 'simulated']))
    .option('--json', 'print one JSON object')
    .action(async ({ symbol, from, until, timeframe, feed, json }: Options) => {
      const bar = progressBar(terminal)
      const request = { symbols: symbol, from, until, timeframe, feed }
      const report = await collect.loadHistory(request, bar.show, signal).finally(bar.end)
      terminal.out(json ? `${JSON.stringify(report)}\n` : historyText(report))
    })
}
