import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { converse } from '../test/wire/conversation.ts'
import { readTranscript, transcriptNames } from '../test/wire/transcript.ts'

// Says every recorded conversation to a new exchange and keeps what it says now: `node tools/record-wire.ts`.
for (const name of transcriptNames()) {
  const { header, lines } = await converse(readTranscript(name))
  const text = [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('')
  writeFileSync(join(import.meta.dirname, '../test/wire', `${name}.jsonl`), text)
}
