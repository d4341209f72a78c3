import { spawnSync } from 'node:child_process'
import { randomStream } from '#domain/random.ts'
import { loadCorrelationKernel } from '#statistics/correlation-kernel.file.ts'
import { type CorrelationKernel, instantiate, sharedMemory } from '#statistics/correlation-kernel.ts'
import { blocksOf, layoutOf } from '#statistics/correlation-layout.ts'
import { openCorrelationPool } from '#statistics/correlation-pool.worker.ts'
import { writeColumns } from '#statistics/correlation-work.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const COLUMNS = 500
const ROWS = 1258
const THREADS = 2
const WARM_UPS = 40
const RUNS = 101

type Work = {
  readonly id: string
  /** Part of the cells that are NaN. */
  readonly missing: number
  readonly peer: string
  /** The peer's milliseconds in the table of ../shared/reference/README.md. */
  readonly tableMs: number
  /** What of the peer is timed, given `values` as an array of columns by rows. */
  readonly statement: string
  readonly peerRuns: number
}

const WORKS: readonly Work[] = [
  {
    id: 'correlation-500',
    missing: 0,
    peer: 'numpy.corrcoef',
    tableMs: 9.5,
    statement: 'numpy.corrcoef(values)',
    peerRuns: 101,
  },
  {
    id: 'correlation-500-nan',
    missing: 0.01,
    peer: 'pandas.DataFrame.corr',
    tableMs: 478,
    statement: 'frame.corr()',
    peerRuns: 5,
  },
]

/** Every column with every other, by threads that were started before. */
export const bench: Bench = {
  id: 'correlation',
  results: WORKS.map(({ id }) => id),
  run: async (isWanted): Promise<BenchResult[]> => {
    const results: BenchResult[] = []
    for (const work of WORKS.filter(({ id }) => isWanted(id))) results.push(await measure(work))
    return results
  },
}

async function measure(work: Work): Promise<BenchResult> {
  const kernel = await loadCorrelationKernel('auto')
  const pool = openCorrelationPool({ threads: THREADS, kernel })
  const columns = made(work.missing)
  const times: number[] = []
  for (let run = -WARM_UPS; run < RUNS; run++) {
    const startedAt = performance.now()
    await pool.correlate(columns)
    if (run >= 0) times.push(performance.now() - startedAt)
  }
  await pool.close()
  const value = median(times)
  const fastest = Math.min(...times).toFixed(1)
  const here = peerMs(work)
  return {
    id: work.id,
    size: `${COLUMNS} × ${ROWS}, ${100 * work.missing} % missing, ${THREADS} threads`,
    value,
    unit: 'ms',
    peer: here === undefined ? `${work.peer} (reference table)` : `${work.peer}, in this run`,
    ratio: (here ?? work.tableMs) / value,
    limit: limitOf(kernel, value),
    note: `${kernel.kind} kernel; fastest ${fastest} ms; ${(work.tableMs / value).toFixed(2)} × the reference table`,
  }
}

function made(missing: number): readonly Float64Array[] {
  const { normal, uniform } = randomStream(1, 'correlation-bench')
  const market = Float64Array.from({ length: ROWS }, normal)
  return Array.from({ length: COLUMNS }, () => market.map((x) => (uniform() < missing ? Number.NaN : x + normal())))
}

/** Against the kernel alone on as many threads, with nothing further away than the second cache. */
function limitOf(kernel: CorrelationKernel, value: number): string {
  const flops = COLUMNS * (COLUMNS - 1) * ROWS
  const share = (100 * flops) / value / (THREADS * blockRate(kernel))
  return `${(flops / value / 1e6).toFixed(1)} GFLOP/s, ${share.toFixed(0)} % of the kernel on one block (128-bit vectors)`
}

/** Floating-point operations a millisecond of one thread: two sides of one block without a gap. The best of several runs. */
function blockRate(kernel: CorrelationKernel): number {
  const [columns, repeats] = [96, 10]
  const layout = layoutOf({ columns, rows: ROWS, threads: 1 })
  const memory = sharedMemory(layout.bytes)
  const { correlateBlock } = instantiate(kernel, memory)
  writeColumns(made(0).slice(0, columns), { memory, layout })
  const [, { top, left }] = blocksOf(columns)
  const times = Array.from({ length: 31 }, () => {
    const startedAt = performance.now()
    for (let i = 0; i < repeats; i++) correlateBlock(layout.plan, top, left, layout.desks)
    return performance.now() - startedAt
  })
  return (2 * left * (columns - left) * ROWS * repeats) / Math.min(...times)
}

const PEER = `
import statistics, time
import numpy
random = numpy.random.default_rng(1)
values = random.standard_normal(${ROWS}) + random.standard_normal((${COLUMNS}, ${ROWS}))
MISSING
times = []
for run in range(RUNS):
    started = time.perf_counter()
    STATEMENT
    times.append((time.perf_counter() - started) * 1000)
print(statistics.median(times))
`

/** The median of the peer where this machine's python3 has it, on as many threads. */
function peerMs({ missing, statement, peerRuns }: Work): number | undefined {
  const gaps = `values[random.random(values.shape) < ${missing}] = numpy.nan\nimport pandas\nframe = pandas.DataFrame(values.T)`
  const program = PEER.replace('MISSING', missing > 0 ? gaps : '')
    .replace('RUNS', String(peerRuns))
    .replace('STATEMENT', statement)
  const env = { ...process.env, OMP_NUM_THREADS: String(THREADS), OPENBLAS_NUM_THREADS: String(THREADS) }
  const { status, stdout } = spawnSync('python3', ['-c', program], { env, encoding: 'utf8' })
  return status === 0 ? Number(stdout) : undefined
}
