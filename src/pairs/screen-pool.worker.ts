import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import {
  concludeScreen,
  pairsOf,
  placesOf,
  type ScreenInput,
  type ScreenProgress,
  type ScreenResult,
  type ScreenRules,
} from './screen.ts'
import type { ScreenAnswer, ScreenTask, ScreenThreadData } from './screen.worker.ts'
import { type LineUp, lineUpOf, verdictOnSymbol } from './screened-symbol.ts'

export type ScreenOptions = {
  readonly signal?: AbortSignal
  readonly onProgress?: ScreenProgress
  /** Worker threads; one for each core unless given. The result does not depend on it. */
  readonly threads?: number
}

/**
 * What `screen` returns, found by worker threads that share the columns: nothing but figures is sent between threads. Every symbol
 * and every pair is looked at by itself and put back in its place, so the result does not depend on the threads. Rejects with
 * the signal's reason when aborted, and with the error of a thread that failed; every thread is gone by then.
 */
export async function screenOffThread(
  input: ScreenInput,
  rules: ScreenRules,
  options: ScreenOptions = {},
): Promise<ScreenResult> {
  const { signal } = options
  signal?.throwIfAborted()
  const lineUp = lineUpOf(input, rules)
  const threads = Math.min(options.threads ?? availableParallelism(), lineUp.complete.length)
  const workerData = shareColumns(lineUp, rules)
  const crew = Array.from({ length: threads }, () => new Worker(threadEntry(), { workerData }))
  try {
    return await screenWith(crew, { lineUp, rules, options })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    await Promise.all(crew.map((worker) => worker.terminate()))
  }
}

type Crew = readonly Worker[]
type Work = { readonly lineUp: LineUp; readonly rules: ScreenRules; readonly options: ScreenOptions }

async function screenWith(crew: Crew, { lineUp, rules, options }: Work): Promise<ScreenResult> {
  const prepare = lineUp.complete.map((_, place): ScreenTask => ({ kind: 'prepare', place }))
  const prepared = await shareOut(crew, prepare, options.signal)
  const verdicts = prepared.flatMap((answer, i) =>
    answer.kind === 'prepared' ? [verdictOnSymbol(lineUp.complete[i], answer.figures)] : [],
  )
  const places = placesOf(verdicts)
  const total = pairsOf(places.length)
  let done = 0
  const assess = places.map((_, row): ScreenTask => ({ kind: 'assess', places, row }))
  const answers = await shareOut(crew, assess, options.signal, (answer) => {
    if (answer.kind !== 'assessed') return
    done += answer.pairs.length
    options.onProgress?.(done, total)
  })
  const assessed = answers.flatMap((answer) => (answer.kind === 'assessed' ? answer.pairs : []))
  return concludeScreen({ lineUp, verdicts, assessed }, rules)
}

/** Hands a task to whoever is idle until all are done; the answers in the order of the tasks. */
async function shareOut(
  crew: Crew,
  tasks: readonly ScreenTask[],
  signal: AbortSignal | undefined,
  onAnswer?: (answer: ScreenAnswer) => void,
): Promise<ScreenAnswer[]> {
  const answers = new Array<ScreenAnswer>(tasks.length)
  const waiting = tasks.entries()
  const work = async (worker: Worker) => {
    for (const [place, task] of waiting) {
      worker.postMessage(task)
      const [answer]: ScreenAnswer[] = await once(worker, 'message', signal ? { signal } : {})
      answers[place] = answer
      onAnswer?.(answer)
    }
  }
  await Promise.all(crew.map(work))
  return answers
}

function shareColumns({ complete, rows, headRows }: LineUp, rules: ScreenRules): ScreenThreadData {
  const shared = new SharedArrayBuffer(complete.length * rows * Float64Array.BYTES_PER_ELEMENT)
  const all = new Float64Array(shared)
  complete.forEach(({ close }, i) => {
    all.set(close, i * rows)
  })
  return { shared, rows, headRows, symbols: complete.map(({ symbol }) => symbol), rules }
}

/** The thread's entry beside this file, compiled or not. */
function threadEntry(): URL {
  return new URL(`./screen.worker${extname(import.meta.url)}`, import.meta.url)
}
