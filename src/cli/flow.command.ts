import { type Command, Option } from 'commander'
import { type FlowRun, LogLine } from '#desk/flow-views.ts'
import { Fault } from '#domain/fault.ts'
import type { AddCommand } from './add-command.command.ts'
import {
  askedFor,
  dayBegins,
  dayEnds,
  type Facts,
  factsFrom,
  fieldsFrom,
  gathered,
  STATES,
  stateFrom,
  type Words,
  wholeFrom,
} from './flow-options.command.ts'
import type { AskedRun } from './flow-program.ts'
import { flowsText, logText, pausedText, runsText, runText, startedText } from './flow-text.ts'
import type { Program } from './program.ts'
import { progressBar } from './progress-bar.client.ts'

type Told = { json?: true }
type FieldOptions = Told & { parameters?: Readonly<Record<string, unknown>> }
type RunOptions = FieldOptions & { again?: true; wait?: true }
type BackfillOptions = FieldOptions & { from: string; through: string }
type LogOptions = Told & { follow?: true; level: LogLine['level']; limit: number }
type RunsOptions = Told & {
  flow?: string
  state: FlowRun['state'][]
  since?: number
  until?: number
  tag?: string
  fact: Facts
  children?: true
  limit: number
  offset: number
}

const LEVELS = LogLine.shape.level.options

const json = () => new Option('--json', 'print JSON')
const parameters = () => new Option('--parameters <json>', 'the parameters as one JSON object').argParser(fieldsFrom)

export const addFlowCommand: AddCommand = (cli, program, signal) => {
  const flow = cli.command('flow').description('everything that happens by itself or takes long: run it, look at it, end it')
  const say = (isJson: true | undefined, found: object, text: string) =>
    program.terminal.out(isJson ? `${JSON.stringify(found)}\n` : text)
  addCatalogue(flow, program, say)
  addRun(flow, { program, signal, say })
  addHistory(flow, program, say)
  addLogs(flow, program, signal)
  addEnds(flow, program, say)
}

type Say = (isJson: true | undefined, found: object, text: string) => void

function addCatalogue(flow: Command, { flows }: Program, say: Say): void {
  flow
    .command('list')
    .description('every flow: when it runs by itself, how it last ended')
    .addOption(json())
    .action(async ({ json: isJson }: Told) => {
      const found = await flows.flows()
      say(isJson, found, flowsText(found))
    })

  for (const [word, isPaused, does] of PAUSES)
    flow
      .command(word)
      .description(does)
      .argument('<name>', 'of the flow')
      .addOption(json())
      .action(async (name: string, { json: isJson }: Told) => {
        const found = await flows.setPaused(name, isPaused)
        say(isJson, found, pausedText(found))
      })
}

const PAUSES = [
  ['pause', true, 'let a flow’s schedule rest; what runs goes on'],
  ['resume', false, 'let a flow’s schedule go on'],
] as const

function addRun(flow: Command, { program, signal, say }: { program: Program; signal: AbortSignal; say: Say }): void {
  const { flows, terminal } = program
  flow
    .command('run')
    .description('start a flow; without a live worker this process becomes one and stays until the run has ended')
    .argument('<name>', 'of the flow')
    .argument('[key=value...]', 'its parameters; lists are separated by commas', gathered, [])
    .addOption(parameters())
    .option('--again', 'begin another run where the same one has been before')
    .option('--wait', 'stay until it has ended; an interruption cancels it')
    .addOption(json())
    .action(async (name: string, words: Words, { parameters: fields, again, wait, json: isJson }: RunOptions) => {
      const bar = progressBar(terminal)
      const request = { name, fields: askedFor(words, fields), isAgain: again === true, isWaited: wait === true }
      const asked = await flows.run(request, bar.show, signal).finally(bar.end)
      say(isJson, asked, startedText(name, asked))
      requireSuccess(asked)
    })

  flow
    .command('backfill')
    .description('start a run for each occurrence in a range; without a schedule, for each session')
    .argument('<name>', 'of the flow')
    .argument('[key=value...]', 'its parameters', gathered, [])
    .requiredOption('--from <date>', 'first day, YYYY-MM-DD')
    .requiredOption('--through <date>', 'last day, YYYY-MM-DD')
    .addOption(parameters())
    .addOption(json())
    .action(async (name: string, words: Words, { from, through, parameters: fields, json: isJson }: BackfillOptions) => {
      const begun = await flows.backfill(name, { from, through }, askedFor(words, fields))
      const fresh = begun.filter(({ isNew }) => isNew).length
      say(isJson, begun, `${fresh} runs of ${name} begin; ${begun.length - fresh} were begun before.\n`)
    })
}

/** Success is a run that ended as planned: whoever scripts one must see that it did not. */
function requireSuccess({ id, run }: AskedRun): void {
  if (run?.state === 'failed') throw new Fault('RUN_FAILED', `The run ${id} failed: ${run.sentence}`)
  if (run?.state === 'cancelled') throw new Fault('RUN_CANCELLED', `The run ${id} was cancelled.`)
}

function addHistory(flow: Command, { flows }: Program, say: Say): void {
  flow
    .command('runs')
    .description('runs, newest first')
    .option('--flow <name>', 'of this flow')
    .addOption(
      new Option('--state <state>', 'in this state; may be repeated').choices(STATES).argParser(stateFrom).default([], 'any'),
    )
    .option('--since <date>', 'begun on this day or later, YYYY-MM-DD', dayBegins)
    .option('--until <date>', 'begun on this day or before', dayEnds)
    .option('--tag <tag>', 'with this tag')
    .option('--fact <name=value>', 'such as pair=XOM-CVX; may be repeated', factsFrom, {})
    .option('--children', 'also runs that other runs began')
    .option('--limit <number>', 'at most so many', wholeFrom(1, 500), 20)
    .option('--offset <number>', 'after so many', wholeFrom(0, 1_000_000), 0)
    .addOption(json())
    .action(async ({ json: isJson, flow: name, state, since, until, tag, fact, children, limit, offset }: RunsOptions) => {
      const range = { since, until, limit, offset }
      const found = await flows.runs({ flow: name, states: state, tag, facts: fact, withChildren: children === true, ...range })
      say(isJson, found, runsText(found))
    })

  flow
    .command('show')
    .description('a run with its steps, what it began and made')
    .argument('<run>', 'its id')
    .addOption(json())
    .action(async (id: string, { json: isJson }: Told) => {
      const found = await flows.show(id)
      say(isJson, found, runText(found))
    })
}

function addLogs(flow: Command, { flows, terminal }: Program, signal: AbortSignal): void {
  flow
    .command('logs')
    .description('what a run wrote down; with --json a JSON object a line')
    .argument('<run>', 'its id')
    .option('--follow', 'stay, and show each line as it is written, until the run has ended')
    .addOption(new Option('--level <level>', 'this level and those above it').choices(LEVELS).default('info'))
    .option('--limit <number>', 'so many of the newest', wholeFrom(1, 1000), 200)
    .addOption(json())
    .action(async (runId: string, { follow, level, limit, json: isJson }: LogOptions) => {
      const onLines = (lines: readonly LogLine[]) =>
        terminal.out(lines.map((line) => (isJson ? `${JSON.stringify(line)}\n` : logText(line))).join(''))
      await flows.logs({ runId, level, limit }, { onLines, isFollowed: follow === true }, signal)
    })
}

function addEnds(flow: Command, { flows }: Program, say: Say): void {
  flow
    .command('cancel')
    .description('end a run and what it began; a step at work is told')
    .argument('<run>', 'its id')
    .addOption(json())
    .action(async (id: string, { json: isJson }: Told) => {
      await flows.cancel(id)
      say(isJson, { id }, `${id} is cancelled, unless it had ended.\n`)
    })

  flow
    .command('retry')
    .description('begin again from a step, with what came before it taken over')
    .argument('<run>', 'its id')
    .option('--from <step>', 'name or place of the step; the one that failed unless given')
    .addOption(json())
    .action(async (id: string, { from, json: isJson }: Told & { from?: string }) => {
      const begun = await flows.retry(id, from)
      say(isJson, begun, `${id} is retried as ${begun.id} (spreadworks flow logs ${begun.id} --follow).\n`)
    })
}
