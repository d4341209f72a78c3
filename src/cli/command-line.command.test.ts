import { describe, expect, test } from 'vitest'
import { Fault, wrongRequest } from '#domain/fault.ts'
import { unaskedProgram } from '../../test/unasked-program.ts'
import { runCommandLine } from './command-line.command.ts'
import type { Program, RehearseRequest } from './program.ts'

type Scene = { readonly outcome: () => Promise<never>; readonly signal?: AbortSignal }

/** Runs the words against a program whose commands all end in `outcome`; what they were asked is kept. */
async function run(words: readonly string[], { outcome, signal = new AbortController().signal }: Scene) {
  let [out, err] = ['', '']
  const asked: RehearseRequest[] = []
  const terminal: Program['terminal'] = {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    isWatched: false,
    columns: () => 80,
  }
  const program: Program = {
    ...unaskedProgram(terminal, outcome),
    rehearse: (request) => {
      asked.push(request)
      return outcome()
    },
  }
  return { code: await runCommandLine(words, program, signal), out, err, asked }
}

const failing = (cause: unknown): Scene => ({ outcome: () => Promise.reject(cause) })

describe('the exit code', () => {
  test('is 0 for help and version, which open nothing', async () => {
    expect(await run(['--version'], failing('opened'))).toMatchObject({ code: 0, out: '1.2.3\n' })
    expect(await run(['rehearse', '--help'], failing('opened'))).toMatchObject({ code: 0, asked: [] })
  })

  test.each([
    [['rehearse', '--days', '0']],
    [['rehearse', '--speed', 'fast']],
    [['rehearse', 'today']],
    [['dance']],
    [['start', '--port', '70000']],
    [['recycler', '--loop', '0']],
    [['recycler', '--proxy', 'PDFS']],
    [['recycler', '--connections', '0']],
    [['recycler', '--day', '2018-03-28', '--from', '2018-03-27']],
  ])('is 2 for %j, which asks for nothing', async (words) => {
    expect(await run(words, failing('asked'))).toMatchObject({ code: 2, asked: [], out: '' })
  })

  test('is the one of the fault, whose sentence and code are told', async () => {
    const refused = await run(['rehearse'], failing(wrongRequest('DAY_CLOSED', 'It was closed.')))
    expect(refused).toMatchObject({ code: 2, out: '', err: 'spreadworks: It was closed. (DAY_CLOSED)\n' })
    expect((await run(['rehearse'], failing(new Fault('DISK_FULL', 'No room.')))).code).toBe(1)
  })

  test('is 1 for what nobody expected, with where it happened', async () => {
    const { code, err } = await run(['rehearse'], failing(new TypeError('x is not a function')))
    expect(code).toBe(1)
    expect(err).toMatch(/\(UNEXPECTED\)\nTypeError: x is not a function\n\s+at /)
  })

  test('is 130 when the person interrupted', async () => {
    expect((await run(['rehearse'], { ...failing(new Error('stopped')), signal: AbortSignal.abort() })).code).toBe(130)
  })
})

test('a rehearsal is asked for as the words say', async () => {
  const words = ['rehearse', '--day', '2018-03-28', '--sector', 'Energy', '--sector', 'Utilities', '--speed', '60', '--seed', '9']
  const { asked } = await run(words, failing(wrongRequest('X', 'x')))
  expect(asked).toEqual([{ day: '2018-03-28', days: 1, sectors: ['Energy', 'Utilities'], speed: 60, seed: 9, feed: undefined }])
})

test('a certificate to compare with is read before anything is rehearsed', async () => {
  const { asked, code } = await run(['rehearse', '--compare', 'none'], failing(wrongRequest('CERTIFICATE_UNREADABLE', 'No.')))
  expect([asked, code]).toEqual([[], 2])
})
