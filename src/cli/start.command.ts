import type { AddCommand } from './add-command.command.ts'
import { portFrom } from './port-argument.command.ts'

export const addStart: AddCommand = (cli, program, signal) => {
  cli
    .command('start')
    .description('start everything in one process and print the address of the page')
    .option('--host <address>', 'address to listen on (setting server.host)')
    .option('--port <number>', 'TCP port to listen on (setting server.port)', portFrom)
    .option('--json', 'print one JSON object with the address when ready')
    .action(async ({ host, port, json }: { host?: string; port?: number; json?: true }) => {
      const { url, stopped } = await program.start({ host, port }, signal)
      program.terminal.out(json ? `${JSON.stringify({ url })}\n` : `Spreadworks is ready: ${url}  (Ctrl-C stops it)\n`)
      await stopped
    })
}
