import { Option } from 'commander'
import { TIMEFRAME_MS, type Timeframe } from '#domain/bars.ts'
import { type Fault, wrongRequest } from '#domain/fault.ts'
import type { ImportReport } from '#market/import-report.ts'
import type { AddCommand } from './add-command.command.ts'
import { importText } from './import-text.ts'
import { progressBar } from './progress-bar.client.ts'

type Options = { timeframe?: Timeframe; feed: string; zone?: string; sessionOnly?: true; json?: true }

export const addImport: AddCommand = (cli, program, signal) => {
  cli
    .command('import')
    .description(
      'import bars (CSV or CSV.gz: symbol, timestamp, open, high, low, close, volume) and symbols (symbol, name, sector)',
    )
    .argument('<file|folder...>', 'files, or folders that are searched for them')
    .addOption(
      new Option('--timeframe <name>', 'bars of this length; inferred from the stamps when not given').choices(
        Object.keys(TIMEFRAME_MS),
      ),
    )
    .option('--feed <name>', 'name under which the bars are kept apart from others', 'import')
    .option('--zone <name>', 'time zone of stamps that name none, for example America/New_York')
    .option('--session-only', 'reject bars outside regular trading hours')
    .option('--json', 'print one JSON object')
    .action(async (paths: string[], { timeframe, feed, zone, sessionOnly, json }: Options) => {
      const bar = progressBar(program.terminal)
      const request = { paths, timeframe, feed, zone, isSessionOnly: sessionOnly === true }
      const report = await program.importBars(request, bar.show, signal).finally(bar.end)
      program.terminal.out(json ? `${JSON.stringify(report)}\n` : importText(report))
      if (report.refusedFiles > 0) throw refused(report)
    })
}

/** Success is every file stored: whoever scripts an import must see that one was not. */
function refused({ refusedFiles, files }: ImportReport): Fault {
  const sentence = `${refusedFiles} of ${files.length} files ${refusedFiles === 1 ? 'was' : 'were'} refused, for the reasons given; the others are stored.`
  return wrongRequest('IMPORT_FILES_REFUSED', sentence)
}
