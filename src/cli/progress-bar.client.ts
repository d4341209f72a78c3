import { SingleBar } from 'cli-progress'
import type { Progress, Terminal } from './program.ts'

export type ProgressBar = { readonly show: (progress: Progress) => void; readonly end: () => void }

/**
 * A bar on the terminal with done of total, rate and time left, redrawn in place. Where nobody watches, one line
 * whenever the sentence changes, so that a log stays short.
 */
export function progressBar(terminal: Terminal): ProgressBar {
  return terminal.isWatched ? redrawnBar() : spokenLines(terminal)
}

function redrawnBar(): ProgressBar {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {unit} · {speed}/s · {eta_formatted} left · {sentence}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
    stream: process.stderr,
  })
  let shown: { startedAt: number; total: number; unit: string } | undefined
  return {
    show: ({ done, total = 0, unit, sentence }) => {
      if (shown?.total !== total || shown.unit !== unit) {
        bar.stop()
        bar.start(total, done, { unit, sentence, speed: '–' })
        shown = { startedAt: performance.now() - 1, total, unit }
      }
      const seconds = (performance.now() - shown.startedAt) / 1000
      bar.update(done, { unit, sentence, speed: Math.round(done / seconds).toLocaleString('en-US') })
    },
    end: () => bar.stop(),
  }
}

function spokenLines(terminal: Terminal): ProgressBar {
  let last = ''
  return {
    show: ({ sentence }) => {
      if (sentence !== last) terminal.err(`${sentence}\n`)
      last = sentence
    },
    end: () => {},
  }
}
