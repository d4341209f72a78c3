import type { AddCommand } from './add-command.command.ts'

export const addWorker: AddCommand = (cli, program, signal) => {
  cli
    .command('worker')
    .description('carry out runs of flows beside other processes on the same database, until it is told to stop')
    .option('--queues <names>', 'only these queues, separated by commas (all: trading,flows,data,train,house)', namesFrom)
    .option('--json', 'print one JSON object with the worker and its queues when ready')
    .action(async ({ queues, json }: { queues?: string[]; json?: true }) => {
      const { worker, queues: taken, stopped } = await program.work({ queues }, signal)
      const sentence = `Ready as ${worker} for ${taken.join(', ')}  (Ctrl-C stops it)`
      program.terminal.out(`${json ? JSON.stringify({ worker, queues: taken }) : sentence}\n`)
      await stopped
    })
}

function namesFrom(text: string): string[] {
  return text.split(',').map((name) => name.trim())
}
