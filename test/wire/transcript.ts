import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Exchange = z.object({
  seed: z.int(),
  symbols: z.array(z.string()),
  /** First and last date. */
  sessions: z.tuple([z.string(), z.string()]),
  startAt: z.string(),
  requestsPerMinute: z.int().optional(),
  symbolLimit: z.int().optional(),
  authTimeoutMs: z.int().optional(),
  taken: z.boolean().optional(),
  faults: z.array(z.looseObject({ kind: z.string() })).optional(),
})
const Header = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('socket'),
    about: z.string(),
    path: z.string(),
    codec: z.enum(['json', 'msgpack']),
    exchange: Exchange,
  }),
  z.object({ kind: z.literal('http'), about: z.string(), exchange: Exchange }),
])
const Line = z.union([
  z.object({ from: z.literal('client'), says: z.unknown().refine((value) => value !== undefined) }),
  z.object({ from: z.literal('client'), text: z.string() }),
  z.object({ from: z.literal('server'), text: z.string() }),
  z.object({ from: z.literal('server'), base64: z.string(), reads: z.unknown() }),
  z.object({
    request: z.object({
      method: z.string(),
      path: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    }),
  }),
  z.object({ response: z.object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.unknown() }) }),
  z.object({ clock: z.string() }),
  z.object({ closed: z.literal(true) }),
])
export type TranscriptHeader = z.output<typeof Header>
export type TranscriptLine = z.output<typeof Line>
/** A recorded conversation: README.md in this folder says what its lines mean. */
export type Transcript = { readonly header: TranscriptHeader; readonly lines: readonly TranscriptLine[] }

/** Names of all recorded conversations. */
export function transcriptNames(): string[] {
  return globSync('*.jsonl', { cwd: import.meta.dirname })
    .map((file) => file.replace(/\.jsonl$/, ''))
    .sort()
}

/** The conversation of this name. Throws when a line is not of the format. */
export function readTranscript(name: string): Transcript {
  return transcriptFrom(readFileSync(join(import.meta.dirname, `${name}.jsonl`), 'utf8'))
}

/** The conversation that JSON lines tell. Throws when a line is not of the format. */
export function transcriptFrom(text: string): Transcript {
  const [header, ...lines] = text.trim().split('\n')
  return { header: Header.parse(JSON.parse(header)), lines: lines.map((line) => Line.parse(JSON.parse(line))) }
}
