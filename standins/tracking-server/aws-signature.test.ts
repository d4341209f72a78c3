import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { encoded, signedHeaders } from './aws-signature.ts'

const Case = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  sessionToken: z.string().nullable(),
  authorization: z.string(),
})
const cases = z.array(Case).parse(JSON.parse(readFileSync(join(import.meta.dirname, 'aws-signature.golden.json'), 'utf8')))
const at = new Date('2018-03-28T14:30:00Z')

test.each(cases)('$method $url is signed as botocore signs it', ({ method, url, headers, body, sessionToken, authorization }) => {
  const keys = {
    id: 'AKIDEXAMPLE',
    secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    sessionToken: sessionToken ?? undefined,
  }
  const request = { method, url: new URL(url), headers, body: new TextEncoder().encode(body) }
  const signed = signedHeaders(request, { keys, region: 'eu-central-1', at })
  expect(signed.authorization).toBe(authorization.replaceAll(', ', ','))
})

test('a key with every kind of letter is encoded as the signature wants it', () => {
  expect(encoded("50% of ü!'()*.txt")).toBe('50%25%20of%20%C3%BC%21%27%28%29%2A.txt')
})
