import { describe, expect, test } from 'vitest'
import { converse } from '../../test/wire/conversation.ts'
import { readTranscript, transcriptNames } from '../../test/wire/transcript.ts'

describe('the exchange says what was recorded', () => {
  test.each(transcriptNames())('%s', async (name) => {
    const recorded = readTranscript(name)
    expect(await converse(recorded)).toEqual(recorded)
  })
})
