import { spawnSync } from 'node:child_process'

/**
 * The number that a Python program prints, given `input` as JSON on its standard input: its own median, in milliseconds,
 * on one thread unless told otherwise. Undefined where this machine's python3 lacks what the program imports.
 */
export function pythonPeer(program: string, input: unknown, { threads = 1 } = {}): number | undefined {
  const env = { ...process.env, OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` }
  const { status, stdout } = spawnSync('python3', ['-c', program], { input: JSON.stringify(input), env, encoding: 'utf8' })
  return status === 0 ? Number(stdout) : undefined
}
