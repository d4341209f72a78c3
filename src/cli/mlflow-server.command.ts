import type { AddCommand } from './add-command.command.ts'
import { portFrom } from './port-argument.command.ts'

export const addMlflowServer: AddCommand = (cli, program, signal) => {
  cli
    .command('mlflow-server')
    .description("the tracking server and model registry alone: MLflow's protocol, for any client of it")
    .option('--host <address>', 'address to listen on (setting tracking.host)')
    .option('--port <number>', 'TCP port to listen on (setting tracking.port); 0 takes a free one', portFrom)
    .option('--json', 'print one JSON object with the address when ready')
    .action(async ({ host, port, json }: { host?: string; port?: number; json?: true }) => {
      const { url, stopped } = await program.serveTracking({ host, port }, signal)
      const sentence = `The tracking server is ready: ${url}  (Ctrl-C stops it)\n  MLFLOW_TRACKING_URI=${url}`
      program.terminal.out(`${json ? JSON.stringify({ url }) : sentence}\n`)
      await stopped
    })
}
