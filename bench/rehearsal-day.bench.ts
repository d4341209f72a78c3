import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Bench, type BenchResult, median } from './result.ts'

const ROOT = join(import.meta.dirname, '..')
const DATA = join(ROOT, '../shared/data/minute')
const FILES = ['us1m_2018_energy.csv.gz', 'symbols.csv'].map((name) => join(DATA, name))
const WORDS = ['rehearse', '--day', '2018-03-28', '--sector', 'Energy', '--json']
const RUNS = 3
const LOOK_EVERY_MS = 50
const SIZE = '17 symbols, one day'

/** One rehearsed day as a person asks for it: start-up, training and end of the process included. Runs share a home and its stored bars. */
export const bench: Bench = {
  id: 'rehearsal-day',
  run: async (): Promise<BenchResult[]> => {
    if (!FILES.every((file) => existsSync(file))) {
      return [{ id: 'rehearsal-day', size: SIZE, value: Number.NaN, unit: 's', note: `skipped: ${DATA} is not there` }]
    }
    const home = await mkdtemp(join(tmpdir(), 'spreadworks-bench-'))
    try {
      await spreadworks(home, ['import', ...FILES])
      const days: Ended[] = []
      for (let run = 0; run < RUNS; run++) days.push(await spreadworks(home, WORDS))
      return resultsOf(days)
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  },
}

function resultsOf(days: readonly Ended[]): BenchResult[] {
  const reports = days.map(({ out }) => JSON.parse(out))
  const isSame = new Set(reports.map(({ certificate }) => certificate)).size === 1
  const part = (name: string) => `${median(reports.map(({ seconds }) => seconds[name])).toFixed(1)} s ${name}`
  const note = `${['screen', 'train', 'session'].map(part).join(', ')}; ${isSame ? 'one certificate' : 'CERTIFICATES DIFFER'}`
  const peak = days.map(({ peakMb }) => peakMb).filter((megabytes) => megabytes !== undefined)
  const memory = { id: 'rehearsal-day', size: `${SIZE}, peak memory`, unit: 'MB', limit: 'at most 1024 MB' }
  return [
    {
      id: 'rehearsal-day',
      size: SIZE,
      value: median(days.map(({ seconds }) => seconds)),
      unit: 's',
      limit: 'at most 90 s',
      note,
    },
    peak.length === 0
      ? { ...memory, value: Number.NaN, note: 'skipped: only Linux tells it' }
      : { ...memory, value: Math.max(...peak) },
  ]
}

/** `peakMb`: the most memory that the process held, in MiB; undefined where /proc does not tell. */
type Ended = { readonly out: string; readonly seconds: number; readonly peakMb: number | undefined }

async function spreadworks(home: string, words: readonly string[]): Promise<Ended> {
  const began = performance.now()
  const child = spawn(join(ROOT, 'spreadworks'), words, {
    env: { ...process.env, SPREADWORKS_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (text) => {
    out += text
  })
  child.stderr.on('data', (text) => {
    err += text
  })
  const watched = peakOf(child)
  const code = await new Promise((resolve, reject) => {
    child.on('close', resolve)
    child.on('error', reject)
  })
  if (code !== 0) throw new Error(`spreadworks ${words.join(' ')} ended with ${code}: ${err}`)
  return { out, seconds: (performance.now() - began) / 1000, peakMb: await watched }
}

/** The launcher becomes the program, so the process stays the same; its high-water mark only rises. */
async function peakOf(child: ChildProcess): Promise<number | undefined> {
  let peak: number | undefined
  while (child.exitCode === null && child.signalCode === null) {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? []
    if (kilobytes !== undefined) peak = Number(kilobytes) / 1024
    await delay(LOOK_EVERY_MS)
  }
  return peak
}
