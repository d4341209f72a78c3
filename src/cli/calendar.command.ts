import { Option } from 'commander'
import { Fault } from '#domain/fault.ts'
import type { AddCommand } from './add-command.command.ts'
import { calendarText } from './market-text.ts'

type Options = { from?: string; through?: string; json?: true }

export const addCalendarCommand: AddCommand = (cli, { terminal, market }) => {
  const calendar = cli.command('calendar').description('the trading calendar of the New York Stock Exchange')
  calendar
    .command('check')
    .description('compare our calendar with the exchange’s; days that differ are told, and kept as an alert')
    .option('--from <date>', 'first day, YYYY-MM-DD; today when not given')
    .option('--through <date>', 'last day; a year from today when not given')
    .addOption(new Option('--json', 'print JSON'))
    .action(async ({ from, through, json }: Options) => {
      const report = await market.checkCalendar({ from, through })
      terminal.out(json ? `${JSON.stringify(report)}\n` : calendarText(report))
      const { length } = report.differences
      if (length > 0)
        throw new Fault(
          'CALENDAR_DIFFERS',
          `${length} ${length === 1 ? 'day differs' : 'days differ'} from the exchange’s calendar; see which of the two is wrong.`,
        )
    })
}
