import { createHash } from 'node:crypto'

const WORDS = ['able', 'bold', 'calm', 'deep', 'even', 'fair', 'glad', 'keen', 'lean', 'neat', 'pure', 'wise'] as const

/** A name of two words and a number for a run that was given none; the same id has the same name. */
export function nameFor(runId: string): string {
  const digest = createHash('sha256').update(runId).digest()
  const word = (at: number) => WORDS[(digest[at] ?? 0) % WORDS.length]
  return `${word(0)}-${word(1)}-${digest.readUInt16BE(2) % 1000}`
}
