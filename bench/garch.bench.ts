import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomStream } from '#domain/random.ts'
import { type FittedGarch, fitGarch } from '#statistics/garch.ts'
import { isReferenceAbsent } from '#statistics/reference.file.ts'
import { pythonPeer } from './python-peer.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const ROWS = 1258
const WARM_UPS = 100
const RUNS = 101
/** A multiply and an add that wait for each other, cycles; what one row of the recursion of the variance takes at least. */
const CHAIN_CYCLES = 8
const CYCLES_PER_MS = 3e6
/** Likelihoods that the search for a start looks at. */
const STARTS = 16

type Work = {
  readonly id: string
  readonly model: 'garch' | 'gjr'
  readonly innovations: 'normal' | 't'
  /** arch 6.2.0 in the table of ../shared/reference/README.md. */
  readonly tableMs: number
  /** The case of garch.json whose refined maximum must be reached. */
  readonly golden: string
}

const WORKS: readonly Work[] = [
  { id: 'garch-normal-1258', model: 'garch', innovations: 'normal', tableMs: 9.2, golden: 'pct_sp500_Constant_o0_normal' },
  { id: 'garch-gjr-1258', model: 'gjr', innovations: 'normal', tableMs: 12.9, golden: 'pct_sp500_Constant_o1_normal' },
  { id: 'garch-t-1258', model: 'garch', innovations: 't', tableMs: 17.4, golden: 'pct_sp500_Constant_o0_t' },
]

/** One fit with a constant mean, of the daily per cent changes of an index where ../shared has them, else of made ones. */
export const bench: Bench = {
  id: 'garch',
  results: WORKS.map(({ id }) => id),
  run: async (isWanted): Promise<BenchResult[]> => WORKS.filter(({ id }) => isWanted(id)).map(measure),
}

function measure(work: Work): BenchResult {
  const { changes, tight } = given(work)
  const times: number[] = []
  let fit = fitted(changes, work)
  for (let run = -WARM_UPS; run < RUNS; run++) {
    const startedAt = performance.now()
    fit = fitted(changes, work)
    if (run >= 0) times.push(performance.now() - startedAt)
  }
  const value = median(times)
  const here = archMs(changes, work)
  const least = ((STARTS + fit.iterations + 1) * changes.length * CHAIN_CYCLES) / CYCLES_PER_MS
  return {
    id: work.id,
    size: `${changes.length} rows, constant mean`,
    value,
    unit: 'ms',
    peer: here === undefined ? 'arch 6.2.0 (reference table)' : 'arch, in this run',
    ratio: (here ?? work.tableMs) / value,
    limit: `${(value / least).toFixed(1)} × the serial chain of the variance (${least.toFixed(3)} ms at 3 GHz)`,
    note:
      tight === undefined
        ? `made changes; ${fit.iterations} iterations`
        : `ln L is ${(fit.logLikelihood - tight).toExponential(1)} from the tight optimum; ${fit.iterations} iterations`,
  }
}

function fitted(changes: Float64Array, { model, innovations }: Work): FittedGarch {
  const fit = fitGarch(changes, { mean: 'constant', model, innovations })
  if (fit.kind !== 'fitted') throw new Error(`the fit ended as ${fit.kind}`)
  return fit
}

function given({ golden }: Work): { readonly changes: Float64Array; readonly tight: number | undefined } {
  if (isReferenceAbsent) return { changes: madeChanges(), tight: undefined }
  const path = join(import.meta.dirname, '../../shared/reference/garch.json')
  const { series, cases } = JSON.parse(readFileSync(path, 'utf8'))
  const { expected } = cases.find(({ name }: { name: string }) => name === golden)
  return { changes: Float64Array.from(series.pct_sp500), tight: expected.tight_optimum.loglikelihood }
}

function madeChanges(): Float64Array {
  const { normal } = randomStream(1, 'garch-bench')
  let variance = 1
  return Float64Array.from({ length: ROWS }, () => {
    const change = Math.sqrt(variance) * normal()
    variance = 0.02 + (change < 0 ? 0.12 : 0.05) * change * change + 0.89 * variance
    return change
  })
}

const ARCH = `
import json, statistics, sys, time
from arch import arch_model
given = json.load(sys.stdin)
model = arch_model(given['changes'], mean='Constant', p=1, o=given['o'], q=1, dist=given['dist'], rescale=False)
times = []
for run in range(15):
    started = time.perf_counter()
    model.fit(disp='off')
    times.append((time.perf_counter() - started) * 1000)
print(statistics.median(times[3:]))
`

/** The median of arch's fits where this machine's python3 has it, one thread. */
function archMs(changes: Float64Array, { model, innovations }: Work): number | undefined {
  return pythonPeer(ARCH, { changes: [...changes], o: model === 'gjr' ? 1 : 0, dist: innovations })
}
