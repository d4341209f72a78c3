import { expect, test } from 'vitest'
import type { FlowRun, RunDetail } from '#desk/flow-views.ts'
import { demoRun } from '../../test/browser/demo-flows.ts'
import { unaskedProgram } from '../../test/unasked-program.ts'
import { runCommandLine } from './command-line.command.ts'
import type { FlowProgram } from './flow-program.ts'

const BEGAN = Date.parse('2018-03-28T13:30:00Z')
const ENDED: FlowRun = {
  ...demoRun({ id: 'train-XOM-CVX', name: 'train', startedAt: BEGAN, endedAt: BEGAN + 134_000 }),
  ...{ state: 'done', sentence: 'Ended as planned', facts: { pair: 'XOM-CVX' } },
}

/** Runs a command line against flows of which only `flows` answer; what was asked of them is kept. */
async function run(words: readonly string[], flows: Partial<FlowProgram> = {}) {
  let [out, err] = ['', '']
  const terminal = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
    isWatched: false,
    columns: () => 80,
  }
  const program = unaskedProgram(terminal, () => Promise.reject(new Error('not asked')))
  const signal = new AbortController().signal
  const code = await runCommandLine(['flow', ...words], { ...program, flows: { ...program.flows, ...flows } }, signal)
  return { code, out, err }
}

const running = (ended: FlowRun | undefined): { asked: unknown[]; flows: Partial<FlowProgram> } => {
  const asked: unknown[] = []
  return {
    asked,
    flows: {
      run: async (request) => {
        asked.push(request)
        return { id: 'train-XOM-CVX', isNew: ended !== undefined, run: ended }
      },
    },
  }
}

test('a flow is run with words or with JSON, again and until its end if asked', async () => {
  const { asked, flows } = running(ENDED)
  const words = await run(['run', 'train', 'pair=XOM-CVX', 'note=a=b', '--again', '--wait'], flows)
  expect(words).toMatchObject({ code: 0, out: 'train-XOM-CVX: done after 2 m 14 s. Ended as planned\n' })
  await run(['run', 'train', '--parameters', '{"pair":"XOM-CVX"}', '--json'], flows)
  expect(asked).toEqual([
    {
      ...{ name: 'train', isAgain: true, isWaited: true },
      fields: {
        kind: 'words',
        words: [
          ['pair', 'XOM-CVX'],
          ['note', 'a=b'],
        ],
      },
    },
    { name: 'train', isAgain: false, isWaited: false, fields: { kind: 'json', fields: { pair: 'XOM-CVX' } } },
  ])
})

test('a run that was begun before says how to begin another, and one that failed is no success', async () => {
  const before = await run(['run', 'train'], running(undefined).flows)
  expect(before).toMatchObject({ code: 0, out: expect.stringContaining('give --again for another') })
  const failed = await run(['run', 'train'], running({ ...ENDED, state: 'failed', sentence: 'No bars.' }).flows)
  expect(failed).toMatchObject({ code: 1, err: 'spreadworks: The run train-XOM-CVX failed: No bars. (RUN_FAILED)\n' })
})

test('runs are searched by what the words say, days being New York’s and both included', async () => {
  const asked: unknown[] = []
  const runs: FlowProgram['runs'] = async (request) => {
    asked.push(request)
    return { runs: [ENDED], isMore: true }
  }
  const words = '--flow train --state failed --state done --since 2026-11-01 --until 2026-11-01 --tag bars --fact pair=XOM-CVX'
  const { out } = await run(['runs', ...words.split(' '), '--limit', '5'], { runs })
  expect(asked).toEqual([
    {
      ...{ flow: 'train', states: ['failed', 'done'], tag: 'bars', facts: { pair: 'XOM-CVX' } },
      ...{ withChildren: false, limit: 5, offset: 0 },
      // The clocks go back on that day: it has 25 hours.
      ...{ since: Date.parse('2026-11-01T04:00:00Z'), until: Date.parse('2026-11-02T05:00:00Z') },
    },
  ])
  expect(out).toContain('train-XOM-CVX  train  done   2018-03-28 09:30:00  2 m 14 s  Ended as planned')
  expect(out).toContain('There are older ones; give --offset.')
})

test('a run is shown with its steps, what it began and what it left', async () => {
  const detail: RunDetail = {
    run: ENDED,
    parameters: { pair: 'XOM-CVX' },
    request: {},
    result: null,
    failure: null,
    steps: [{ place: 0, name: 'fit', state: 'done', startedAt: BEGAN, endedAt: BEGAN + 250, failure: null, childId: null }],
    children: [{ ...ENDED, id: 'load-history-1' }],
    results: [{ kind: 'model', reference: 'm-1', book: null, day: null, says: 'f1 0.61', at: BEGAN }],
  }
  const { out } = await run(['show', 'train-XOM-CVX'], { show: async () => detail })
  expect(out.split('\n')).toEqual([
    'train-XOM-CVX: done. Ended as planned',
    '  flow train, asked 2018-03-28 09:30:00 by a person, took 2 m 14 s',
    '  worker worker-0',
    '  pair=XOM-CVX',
    '  parameters {"pair":"XOM-CVX"}',
    '  step 0 fit: done, 250 ms',
    '  began load-history-1: done. Ended as planned',
    '  model m-1: f1 0.61',
    '',
  ])
})

test.each([
  [['run']],
  [['run', 'train', 'pair']],
  [['run', 'train', '--parameters', '[1]']],
  [['run', 'train', 'pair=A-B', '--parameters', '{}']],
  [['runs', '--state', 'tired']],
  [['runs', '--limit', '0']],
  [['runs', '--since', 'yesterday']],
  [['backfill', 'train', '--from', '2018-03-28']],
  [['logs', 'x', '--level', 'loud']],
  [['retry']],
  [['dance']],
])('flow %j is refused, and asks for nothing', async (words) => {
  expect(await run(words)).toMatchObject({ code: 2, out: '' })
})
