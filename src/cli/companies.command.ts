import { InvalidArgumentError, Option } from 'commander'
import type { AddCommand } from './add-command.command.ts'
import { progressBar } from './progress-bar.client.ts'
import { companiesText, companyText, newsLoadedText, newsText } from './quality-text.ts'

type Options = { json?: true; limit: number }

const json = () => new Option('--json', 'print JSON')

export const addCompaniesCommand: AddCommand = (cli, program) => {
  const { terminal, quality } = program
  const companies = cli.command('companies').description('profile, officers and statistics of companies')

  companies
    .command('load')
    .description('ask Yahoo for what is older than a week; breaks off when Yahoo does, and goes on the next time')
    .argument('[symbol...]', 'which; the universe when left out')
    .addOption(json())
    .action(async (symbols: string[], { json: isJson }: Options) => {
      const bar = progressBar(terminal)
      const loaded = await quality.loadCompanies(symbols, bar.show).finally(bar.end)
      terminal.out(isJson ? `${JSON.stringify(loaded)}\n` : companiesText(loaded))
    })

  companies
    .command('show')
    .description('what is kept of a company')
    .argument('<symbol>', 'its ticker')
    .addOption(json())
    .action(async (symbol: string, { json: isJson }: Options) => {
      const company = await quality.company(symbol)
      terminal.out(isJson ? `${JSON.stringify(company)}\n` : companyText(company))
    })
}

export const addNewsCommand: AddCommand = (cli, program) => {
  const { terminal, quality } = program
  const news = cli.command('news').description('articles, from the sources that there are keys for')

  news
    .command('load')
    .description('keep what has come out since the last time')
    .addOption(json())
    .action(async ({ json: isJson }: Options) => {
      const bar = progressBar(terminal)
      const loaded = await quality.loadNews(bar.show).finally(bar.end)
      terminal.out(isJson ? `${JSON.stringify(loaded)}\n` : newsLoadedText(loaded))
    })

  news
    .command('list')
    .description('the last articles, about these symbols or about anything')
    .argument('[symbol...]', 'tickers')
    .option('--limit <count>', 'how many', limitFrom, 20)
    .addOption(json())
    .action(async (symbols: string[], { limit, json: isJson }: Options) => {
      const articles = await quality.news(symbols, limit)
      terminal.out(isJson ? `${JSON.stringify(articles)}\n` : newsText(articles))
    })
}

function limitFrom(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count
  throw new InvalidArgumentError('it must be a whole number from 1 to 1000')
}
