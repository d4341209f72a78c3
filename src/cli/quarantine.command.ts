import { InvalidArgumentError, Option } from 'commander'
import type { AddCommand } from './add-command.command.ts'
import { progressBar } from './progress-bar.client.ts'
import { checkText, quarantineEntryText, quarantineText } from './quality-text.ts'
import { textFrom } from './text-argument.command.ts'

type Options = { all?: true; json?: true; note: string; feed?: string; sessions: number }

const json = () => new Option('--json', 'print JSON')
const note = () => new Option('--note <text>', 'why, for whoever reads it later').argParser(textFrom).makeOptionMandatory()

export const addQuarantineCommand: AddCommand = (cli, program) => {
  const { terminal, quality } = program
  const say = (isJson: true | undefined, found: object, text: string) =>
    terminal.out(isJson ? `${JSON.stringify(found)}\n` : text)
  const quarantine = cli.command('quarantine').description('bars that are held back until a person decides')

  quarantine
    .command('list')
    .description('what waits for a decision')
    .option('--all', 'also what was decided or withdrawn')
    .addOption(json())
    .action(async ({ all, json: isJson }: Options) => {
      const found = await quality.quarantine(all === true)
      say(isJson, found, quarantineText(found))
    })

  quarantine
    .command('show')
    .description('an entry with its evidence and what was done to it')
    .argument('<id>', 'of the entry')
    .addOption(json())
    .action(async (id: string, { json: isJson }: Options) => {
      const found = await quality.quarantineEntry(id)
      say(isJson, found, quarantineEntryText(found))
    })

  for (const [name, action, does] of DECISIONS) {
    quarantine
      .command(name)
      .description(does)
      .argument('<id>', 'of the entry')
      .addOption(note())
      .addOption(json())
      .action(async (id: string, { note: why, json: isJson }: Options) => {
        const entry = await quality.decideQuarantine(id, action, why)
        say(isJson, entry, `${entry.symbol} ${entry.id}: ${entry.state}.\n`)
      })
  }

  quarantine
    .command('check')
    .description("hold the last closes against Yahoo's and hold back what neither can be believed in")
    .argument('[symbol...]', 'which; the universe when left out')
    .option('--feed <name>', 'the feed to check; the one that screens read when left out', textFrom)
    .option('--sessions <count>', 'how many of the last sessions', sessionsFrom, 60)
    .addOption(json())
    .action(async (symbols: string[], { feed, sessions, json: isJson }: Options) => {
      const bar = progressBar(terminal)
      const found = await quality.checkCloses({ symbols, feed, sessions }, bar.show).finally(bar.end)
      say(isJson, found, checkText(found))
    })
}

const DECISIONS = [
  ['accept', 'accepted', 'the bars are right: read them again'],
  ['reject', 'rejected', 'the bars are wrong: never read them'],
] as const

function sessionsFrom(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 5 && count <= 2000) return count
  throw new InvalidArgumentError('it must be a whole number from 5 to 2000')
}
