import type { FlowControl } from '../../src/api/flow-control.ts'
import type { FlowRun, FlowView, LogLine, RunDetail } from '../../src/desk/flow-views.ts'
import { wrongRequest } from '../../src/domain/fault.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Flows that stay as they are but for what is asked of them, which is kept in words. */
export type DemoFlows = FlowControl & {
  readonly started: string[]
  readonly told: string[]
  /** What is there: none at first. */
  readonly runs: FlowRun[]
  readonly log: LogLine[]
}

/** Flows of which any can be started; a run then stays as it is. */
export function demoFlows(): DemoFlows {
  const [started, told, runs, log]: [string[], string[], FlowRun[], LogLine[]] = [[], [], [], []]
  const paused = new Set<string>()
  const viewOf = (flow: FlowView): FlowView => ({
    ...flow,
    lastRun: runs.find(({ name }) => name === flow.name) ?? null,
    schedule: flow.schedule && {
      ...flow.schedule,
      isPaused: paused.has(flow.name),
      next: paused.has(flow.name) ? [] : flow.schedule.next,
    },
  })
  const named = (name: string) => {
    const flow = CATALOGUE.find((one) => one.name === name)
    if (flow === undefined) throw wrongRequest('FLOW_UNKNOWN', `There is no flow '${name}'.`)
    return flow
  }
  const runOf = (id: string) => {
    const run = runs.find((one) => one.id === id)
    if (run === undefined) throw wrongRequest('RUN_UNKNOWN', `There is no run ${id}.`)
    return run
  }
  return {
    ...{ started, told, runs, log },
    flows: async () => CATALOGUE.map(viewOf),
    flow: async (name) => viewOf(named(name)),
    start: async (name, parameters) => {
      named(name)
      started.push(name)
      told.push(`start ${name} ${JSON.stringify(parameters)}`)
      const run = demoRun({ name, id: `${name}-r1`, state: 'running', sentence: 'Trading 2018-03-28 at 60×' })
      if (!runs.some(({ id }) => id === run.id)) runs.unshift(run)
      return { id: run.id, isNew: true }
    },
    setPaused: async (name, isPaused) => {
      told.push(`${isPaused ? 'pause' : 'resume'} ${name}`)
      if (isPaused) paused.add(name)
      else paused.delete(name)
      return viewOf(named(name))
    },
    backfill: async (name, { from, through }) => {
      told.push(`backfill ${name} ${from} ${through}`)
      return [{ id: `${name}-${from}`, isNew: true }]
    },
    list: async () => runs.filter(({ parentId }) => parentId === null).slice(0, 20),
    find: async (search) => {
      const found = runs.filter((run) => isFound(run, search))
      const { offset = 0, limit } = search
      return { runs: found.slice(offset, offset + limit), isMore: found.length > offset + limit }
    },
    run: async (id) => detailOf(runOf(id)),
    logs: async (_id, { after = 0, level = 'info', limit }) =>
      log.filter((line) => line.id > after && LEVELS.indexOf(line.level) >= LEVELS.indexOf(level)).slice(-limit),
    cancel: async (id) => {
      told.push(`cancel ${id}`)
      const run = runOf(id)
      runs[runs.indexOf(run)] = { ...run, state: 'cancelled', endedAt: Date.now(), progress: null, sentence: 'Cancelled' }
    },
    retry: async (id, place) => {
      told.push(`retry ${id} ${place}`)
      const { name, facts, tags } = runOf(id)
      const run = demoRun({ name, facts, tags, id: `${id}-retry`, retryOf: id, cause: 'retry' })
      runs.unshift(run)
      return { id: run.id }
    },
    workers: async () => WORKERS,
    queues: async () => QUEUES,
  }
}

const LEVELS: readonly LogLine['level'][] = ['info', 'warn', 'error']

function isFound(
  run: FlowRun,
  { flow, states, since, until, tag, facts, withChildren }: Parameters<FlowControl['find']>[0],
): boolean {
  return (
    (flow === undefined || run.name === flow) &&
    (states === undefined || states.includes(run.state)) &&
    (since === undefined || run.startedAt >= since) &&
    (until === undefined || run.startedAt < until) &&
    (tag === undefined || run.tags.includes(tag)) &&
    Object.entries(facts ?? {}).every(([name, value]) => run.facts[name] === value) &&
    (withChildren === true || run.parentId === null)
  )
}

type Given = Partial<FlowRun> & Pick<FlowRun, 'id' | 'name'>

/** A run with what is given, else one that a person began five minutes ago and that runs. */
export function demoRun(given: Given): FlowRun {
  const startedAt = given.startedAt ?? Date.now() - 301_000
  const isOver = given.endedAt !== undefined && given.endedAt !== null
  return {
    state: 'running',
    sentence: 'Under way',
    askedAt: startedAt,
    startedAt,
    endedAt: null,
    progress: isOver ? null : { done: 305, total: 390, unit: 'minutes', perSecond: 1.01, leftMs: 84_000 },
    cause: 'person',
    scheduledFor: null,
    tags: [],
    facts: {},
    queue: 'flows',
    worker: 'worker-0',
    attempts: 1,
    isTimedOut: false,
    isSkipped: false,
    parentId: null,
    retryOf: null,
    ...given,
  }
}

function detailOf(run: FlowRun): RunDetail {
  const at = (share: number) => run.startedAt + share * ((run.endedAt ?? Date.now()) - run.startedAt)
  const isFailed = run.state === 'failed'
  const step = (place: number, name: string, from: number, until: number) => ({
    ...{ place, name, failure: null, childId: null },
    state: 'done' as const,
    startedAt: at(from),
    endedAt: at(until),
  })
  const last = { ...step(4, 'train-pairs', 0.52, 1), childId: null }
  return {
    run,
    parameters: { pair: 'XOM-CVX', day: '2018-03-28', sectors: ['Energy', 'Utilities'], lookbackSessions: 250 },
    request: { pair: 'XOM-CVX', day: '2018-03-28' },
    result: null,
    failure: isFailed ? run.sentence : null,
    steps: [
      step(0, 'load-history', 0, 0.2),
      step(1, 'check-history', 0.2, 0.24),
      step(2, 'screen-pairs', 0.24, 0.5),
      step(3, 'save-screen', 0.5, 0.52),
      {
        ...last,
        ...(isFailed ? { state: 'failed', failure: run.sentence } : {}),
        ...(run.endedAt === null ? { state: 'running', endedAt: null } : {}),
      },
    ],
    children: [],
    results:
      run.state === 'done'
        ? [
            {
              kind: 'screen',
              reference: 'screen-1',
              book: null,
              day: null,
              says: 'Of 378 pairs 5 shortlisted',
              at: run.startedAt,
            },
          ]
        : [],
  }
}

/** A day of runs before `now`, and a log. */
export function fillDemoFlows(flows: DemoFlows, now: number): void {
  const run = (given: Given & { readonly ago: number; readonly took: number }) => {
    const { ago, took, ...rest } = given
    const startedAt = now - ago
    flows.runs.push(demoRun({ ...rest, startedAt, endedAt: startedAt + took }))
  }
  const scheduled = { cause: 'schedule', state: 'done', sentence: 'Ended as planned' } as const
  const ticks = Array.from({ length: 8 }, (_, i) => i)
  for (const i of ticks)
    run({
      ...scheduled,
      id: `signals-${i}`,
      name: 'signals',
      ago: 20 * MINUTE + i * 5 * MINUTE,
      took: 1900 + i * 7,
      tags: ['trading'],
    })
  for (const i of [0, 1, 2])
    run({ ...scheduled, id: `hourly-${i}`, name: 'hourly', ago: (1 + i) * HOUR, took: 3 * MINUTE, tags: ['news'] })
  run({
    ...{ id: 'train-XOM-CVX-2018-03-28', name: 'train', state: 'failed', ago: 95 * MINUTE, took: 14 * MINUTE, cause: 'person' },
    ...{ facts: { pair: 'XOM-CVX', day: '2018-03-28' }, tags: ['models'], attempts: 2 },
    sentence: 'The variance model of XOM-CVX did not converge after 200 steps.',
  })
  run({
    ...{ id: 'load-history-7', name: 'load-history', state: 'cancelled', ago: 150 * MINUTE, took: 22 * MINUTE, cause: 'person' },
    ...{ sentence: 'Cancelled', tags: ['bars'] },
  })
  run({
    ...scheduled,
    id: 'start-of-day-2026-11-23',
    name: 'start-of-day',
    ago: 5 * HOUR,
    took: 41 * MINUTE,
    tags: ['day'],
    facts: { day: '2026-11-23' },
  })
  flows.runs.sort((a, b) => b.startedAt - a.startedAt)
  const lines: readonly Omit<LogLine, 'id' | 'at'>[] = [
    { step: 'load-history', level: 'info', message: 'Loaded 97,500 bars of XOM and CVX', fields: { bars: 97_500, seconds: 2.4 } },
    {
      step: 'check-history',
      level: 'warn',
      message: 'Three sessions of CVX have holes and are left out',
      fields: { sessions: 3 },
    },
    { step: 'train-pairs', level: 'info', message: 'Fitted on 84,240 rows', fields: { rows: 84_240, loss: 0.6612 } },
    {
      step: 'train-pairs',
      level: 'error',
      message: 'The variance model of XOM-CVX did not converge after 200 steps.',
      fields: {},
    },
  ]
  flows.log.push(...lines.map((line, i) => ({ ...line, id: i + 1, at: now - 90 * MINUTE + i * 4000 })))
}

const TAKES = {
  type: 'object',
  properties: {
    pair: { type: 'string', description: 'The pair to train, y before x' },
    day: { type: 'string', format: 'date', description: 'The day before which its bars end; the last session when left out' },
    sectors: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'Sectors whose symbols take part; all when none is named',
    },
    seed: { type: 'integer', minimum: 0, default: 7, description: 'Of everything random' },
    kernel: { type: 'string', enum: ['auto', 'wasm'], default: 'auto', description: 'What the network runs on' },
  },
}

function flow(name: string, does: string, more: Partial<FlowView> = {}): FlowView {
  return {
    ...{ name, does, owner: 'research', tags: [], queue: 'flows', timeoutMs: 6 * HOUR, missed: 'last', after: [] },
    ...{ isStartable: true, needsAccount: false, schedule: null, takes: { type: 'object', properties: {} }, lastRun: null },
    ...more,
  }
}

function every(phrase: string, inMs: readonly number[]): FlowView['schedule'] {
  return { phrase, isPaused: false, pausedBy: null, next: inMs.map((ms) => Date.now() + ms) }
}

const CATALOGUE: readonly FlowView[] = [
  flow('start-of-day', 'Makes the day ready for its open: loads history, finds pairs, trains and promotes their models.', {
    schedule: every('06:00 on trading days', [13 * HOUR]),
    tags: ['day'],
  }),
  flow('signals', 'Makes the signals of one instant, asks risk, and sends what it approved.', {
    schedule: every('every 5 minutes in session', [4 * MINUTE, 9 * MINUTE, 14 * MINUTE, 19 * MINUTE]),
    tags: ['trading'],
    after: [{ flow: 'start-of-day', until: 'succeeded' }],
    missed: 'skip',
  }),
  flow('hourly', 'Loads news, repairs the day’s missing minutes, and looks at exposure.', {
    schedule: every('hourly from 09:00 through 15:00 on trading days', [37 * MINUTE, 97 * MINUTE]),
    tags: ['news'],
  }),
  flow('end-of-day', 'Looks after symbols and the calendar, loads daily bars, compares closes, reports.', {
    schedule: every('18:00 on trading days', [3 * HOUR]),
    missed: 'all',
  }),
  flow('load-history', 'Loads recorded bars from the first source that has them.', { queue: 'data', tags: ['bars'] }),
  flow('train', 'Fits, scores and registers one pair’s model.', { queue: 'train', takes: TAKES, tags: ['models'] }),
  flow('rehearse', 'Trades recorded days end to end, in a book of their own.'),
  flow('trading-session', 'Trades one session of a rehearsal, tick by tick.', { isStartable: false }),
]

const WORKERS = [
  {
    ...{ name: 'worker-0', host: 'desk-1', pid: 4711, version: 'flows 1.1.1', state: 'live' as const },
    ...{ queues: ['trading', 'flows', 'data', 'train', 'house'], running: 2, startedAt: Date.now() - 8 * HOUR },
  },
  {
    ...{ name: 'worker-1', host: 'desk-2', pid: 902, version: 'flows 1.1.1', state: 'draining' as const },
    ...{ queues: ['train'], running: 1, startedAt: Date.now() - 40 * MINUTE },
  },
]

const QUEUES = ['trading', 'flows', 'data', 'train', 'house'].map((name, i) => ({
  name,
  waiting: name === 'train' ? 41 : 0,
  running: [0, 1, 0, 2, 0][i] ?? 0,
  atOnce: name === 'train' ? null : 4,
  atOncePerWorker: name === 'train' ? 2 : null,
  rate: null,
  oldestWaitingSince: name === 'train' ? Date.now() - 9 * MINUTE : null,
}))
