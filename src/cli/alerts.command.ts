import { InvalidArgumentError, Option } from 'commander'
import { Fault } from '#domain/fault.ts'
import type { AddCommand } from './add-command.command.ts'
import { alertsText, channelTestText } from './alerts-text.ts'

type Options = { all?: true; limit: number; json?: true }

const json = () => new Option('--json', 'print JSON')

export const addAlertsCommand: AddCommand = (cli, { terminal, alerts: program }) => {
  const say = (isJson: true | undefined, found: object, text: string) =>
    terminal.out(isJson ? `${JSON.stringify(found)}\n` : text)
  const alerts = cli.command('alerts').description('what people are told, and whether it reached them')

  alerts
    .command('list')
    .description('alerts that are neither over nor acknowledged')
    .option('--all', 'the others too, the newest first')
    .option('--limit <number>', 'of the others, 1 to 1000', limitFrom, 50)
    .addOption(json())
    .action(async ({ all, limit, json: isJson }: Options) => {
      const found = await program.alerts(limit)
      say(isJson, all ? found : { open: found.open }, alertsText(found, all === true))
    })

  alerts
    .command('ack')
    .description('note that you have seen an alert, so that it is not told again')
    .argument('<id>', 'of the alert, or its beginning')
    .addOption(json())
    .action(async (id: string, { json: isJson }: Options) => {
      await program.acknowledge(id)
      say(isJson, { acknowledged: id }, 'Acknowledged.\n')
    })

  alerts
    .command('test')
    .description('send a test over every channel that is set up, and say what each answered')
    .addOption(json())
    .action(async ({ json: isJson }: Options) => {
      const tests = await program.test()
      say(isJson, tests, channelTestText(tests))
      const silent = tests.filter(({ isTaken }) => !isTaken).map(({ channel }) => channel)
      if (silent.length > 0)
        throw new Fault('ALERT_NOT_TAKEN', `${silent.join(' and ')} did not take the test; correct what its answer names.`)
    })
}

function limitFrom(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit
  throw new InvalidArgumentError('expected a whole number from 1 to 1000.')
}
