import { Command, CommanderError } from 'commander'
import { Fault } from '#domain/fault.ts'
import { addAlertsCommand } from './alerts.command.ts'
import { addCalendarCommand } from './calendar.command.ts'
import { addCollectCommand } from './collect.command.ts'
import { addCompaniesCommand, addNewsCommand } from './companies.command.ts'
import { addFlowCommand } from './flow.command.ts'
import { addHistoryCommand } from './history.command.ts'
import { addImport } from './import.command.ts'
import { addMlflowServer } from './mlflow-server.command.ts'
import type { Program } from './program.ts'
import { addQuarantineCommand } from './quarantine.command.ts'
import { addRecycler } from './recycler.command.ts'
import { addReference } from './reference.command.ts'
import { addRehearse } from './rehearse.command.ts'
import { addSectorsCommand } from './sectors.command.ts'
import { addStart } from './start.command.ts'
import { addSymbolsCommand } from './symbols.command.ts'
import { addWorker } from './worker.command.ts'

const COMMANDS = [
  addStart,
  addWorker,
  addRehearse,
  addRecycler,
  addMlflowServer,
  addImport,
  addFlowCommand,
  addAlertsCommand,
  addHistoryCommand,
  addCollectCommand,
  addReference,
  addSymbolsCommand,
  addSectorsCommand,
  addCalendarCommand,
  addQuarantineCommand,
  addCompaniesCommand,
  addNewsCommand,
]

/**
 * Carries out one command line and answers the exit code: 0 on success only, 1 when the program could not, 2 when the
 * request was wrong, 130 when the person interrupted.
 */
export async function runCommandLine(words: readonly string[], program: Program, signal: AbortSignal): Promise<number> {
  const cli = new Command('spreadworks')
    .description('Trades pairs of US equities: data, models, signals, orders and one page, on PostgreSQL alone.')
    .version(program.version)
    .exitOverride()
    .configureOutput({ writeOut: program.terminal.out, writeErr: program.terminal.err })
    .showHelpAfterError('(spreadworks --help lists the commands)')
  for (const add of COMMANDS) add(cli, program, signal)
  for (const command of cli.commands) command.exitOverride().allowExcessArguments(false)
  try {
    await cli.parseAsync(words, { from: 'user' })
    return 0
  } catch (cause) {
    return exitCodeOf(cause, { program, signal })
  }
}

function exitCodeOf(cause: unknown, { program, signal }: { program: Program; signal: AbortSignal }): number {
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2
  if (signal.aborted) {
    program.terminal.err('spreadworks: interrupted.\n')
    return 130
  }
  if (cause instanceof Fault) {
    program.terminal.err(`spreadworks: ${cause.message} (${cause.code})\n`)
    return cause.exitCode
  }
  program.terminal.err(
    `spreadworks: this should not have happened; please report it with what follows. (UNEXPECTED)\n${stackOf(cause)}\n`,
  )
  return 1
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
