import { InvalidArgumentError, Option } from 'commander'
import { Fault } from '#domain/fault.ts'
import type { AddCommand } from './add-command.command.ts'
import { checkText, statusText, symbolsText } from './market-text.ts'
import { symbolsOfSector } from './of-sector.ts'
import { textFrom } from './text-argument.command.ts'

type ListOptions = { sector?: string; all?: true; json?: true }

const json = () => new Option('--json', 'print JSON')

export const addSymbolsCommand: AddCommand = (cli, program) => {
  const { terminal, market } = program
  const symbols = cli
    .command('symbols')
    .description('the symbols there are, which of them are traded, and how whole their bars are')
  const changed = (what: string, changes: readonly string[], isJson: true | undefined) => {
    const sentence = changes.length === 0 ? `Nothing changed: ${what} already.` : `${changes.join(', ')}: ${what}.`
    terminal.out(isJson ? `${JSON.stringify({ changed: changes })}\n` : `${sentence}\n`)
  }

  symbols
    .command('list')
    .description('symbols that are traded')
    .option('--sector <name>', 'only of this sector', textFrom)
    .option('--all', 'those too that take no new entry, with the reason')
    .addOption(json())
    .action(async ({ sector, all, json: isJson }: ListOptions) => {
      const kept = await market.symbols()
      const asked = sector === undefined ? kept : symbolsOfSector(kept, sector)
      const found = asked.filter((view) => all || view.keptOut === null)
      terminal.out(isJson ? `${JSON.stringify(found)}\n` : symbolsText(found, asked.length))
    })

  symbols
    .command('add')
    .description('keep symbols, or put known ones back into the active set')
    .argument('<symbol...>', 'tickers in capitals, such as XOM')
    .option('--sector <name>', 'the sector of those that have none', textFrom)
    .addOption(json())
    .action(async (tickers: string[], { sector, json: isJson }: ListOptions) =>
      changed('traded', await market.addSymbols(tickers, sector), isJson),
    )

  symbols
    .command('remove')
    .description('take symbols out of the active set; what is stored of them stays')
    .argument('<symbol...>', 'tickers in capitals')
    .addOption(json())
    .action(async (tickers: string[], { json: isJson }: ListOptions) =>
      changed('switched off', await market.removeSymbols(tickers), isJson),
    )

  symbols
    .command('status')
    .description('how whole the bars of symbols are, session by session; named ones with their holes and their history')
    .argument('[symbol...]', 'tickers in capitals; every symbol when none is given')
    .option('--sessions <number>', 'the newest sessions, 1 to 60', sessionsFrom, 5)
    .addOption(json())
    .action(async (tickers: string[], { sessions, json: isJson }: { sessions: number; json?: true }) => {
      const statuses = await market.symbolStatus(tickers, sessions)
      terminal.out(isJson ? `${JSON.stringify(statuses)}\n` : statusText(statuses))
    })

  symbols
    .command('check')
    .description('look for delisted, renamed, halted, not tradable and not shortable symbols, at the broker and in the bars')
    .addOption(json())
    .action(async ({ json: isJson }: ListOptions) => {
      const check = await market.checkSymbols()
      terminal.out(isJson ? `${JSON.stringify(check)}\n` : checkText(check))
      if (check.kind === 'implausible')
        throw new Fault(
          'SYMBOLS_IMPLAUSIBLE',
          `${check.gone.length} of ${check.symbols} symbols seem gone at once; look at the broker and the feed.`,
        )
    })
}

function sessionsFrom(text: string): number {
  const sessions = Number(text)
  if (Number.isInteger(sessions) && sessions >= 1 && sessions <= 60) return sessions
  throw new InvalidArgumentError('expected a whole number from 1 to 60.')
}
