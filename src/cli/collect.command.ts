import type { AddCommand } from './add-command.command.ts'
import { collectedText } from './collect-text.ts'
import { progressBar } from './progress-bar.client.ts'

type Options = { untilClose?: true; json?: true }

export const addCollectCommand: AddCommand = (cli, program, signal) => {
  const { terminal, collect } = program
  cli
    .command('collect')
    .description('store 1-minute bars as the market tells them, session after session until Ctrl-C; needs the keys of Alpaca')
    .option('--until-close', 'end 90 seconds after the close of the session that trades now, or of the next')
    .option('--json', 'print one JSON object for each session')
    .action(async ({ untilClose, json }: Options) => {
      const bar = progressBar(terminal)
      const onSession: Parameters<typeof collect.collect>[1]['onSession'] = (session) =>
        terminal.out(json ? `${JSON.stringify(session)}\n` : collectedText(session))
      await collect.collect({ isUntilClose: untilClose === true }, { onProgress: bar.show, onSession }, signal).finally(bar.end)
    })
}
