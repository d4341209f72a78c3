import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Fault } from '#domain/fault.ts'

/** The parts of a day's certificate, in the order in which one leads to the next. `approvals` holds refusals too. */
export const PARTS = ['bars', 'features', 'models', 'signals', 'approvals', 'orders', 'fills'] as const
export type PartName = (typeof PARTS)[number]

/** The rows of each part as text, one line a row, in their canonical order: see certificate-rows.ts. */
export type CertificateRows = Readonly<Record<PartName, readonly string[]>>

export type CertificatePart = {
  readonly name: PartName
  /** sha256 over the lines, in hexadecimal. */
  readonly hash: string
  readonly rows: number
  readonly lines: readonly string[]
}

/** What a day decided and did, so that a second run can be compared with it byte for byte. */
export type Certificate = {
  /** sha256 over the hashes of all parts, in hexadecimal. */
  readonly hash: string
  readonly parts: readonly CertificatePart[]
}

/** What may make two runs differ. A difference downstream of another is named by the first in time. */
export type Cause = 'code-or-configuration' | 'missing-bar' | 'late-correction' | 'model' | 'broker-fill'

export type CertificateDifference = {
  readonly part: PartName
  /** Counts from 0, in both. */
  readonly index: number
  /** The row as each has it; undefined where it has no such row. */
  readonly first: string | undefined
  readonly second: string | undefined
  readonly cause: Cause
}

/** The certificate of these rows. */
export function certify(rows: CertificateRows): Certificate {
  const parts = PARTS.map((name) => ({ name, hash: hashOf(rows[name]), rows: rows[name].length, lines: rows[name] }))
  return { hash: hashOf(parts.map(({ name, hash }) => `${name} ${hash}`)), parts }
}

/** The first row in which two certificates differ, part by part in their order, or undefined when they are the same. */
export function compareCertificates(first: Certificate, second: Certificate): CertificateDifference | undefined {
  for (const part of PARTS) {
    const [a, b] = [linesOf(first, part), linesOf(second, part)]
    const index = firstDifference(a, b)
    if (index === undefined) continue
    return { part, index, first: a.at(index), second: b.at(index), cause: causeOf({ first, second, part, index }) }
  }
  return undefined
}

/** The difference as a sentence that names the row as both have it. */
export function differenceInWords(difference: CertificateDifference | undefined): string {
  if (difference === undefined) return 'Both certificates are the same.'
  const { part, index, first, second, cause } = difference
  const place = `The first difference is row ${index + 1} of ${part}, because of ${CAUSE_WORDS[cause]}`
  return `${place}.\n  first:  ${first ?? '(no such row)'}\n  second: ${second ?? '(no such row)'}`
}

const CAUSE_WORDS: Readonly<Record<Cause, string>> = {
  'code-or-configuration': 'another version of the code or other settings',
  'missing-bar': 'a bar that one of them lacks',
  'late-correction': 'a bar that was corrected',
  model: 'another model',
  'broker-fill': 'another fill by the broker',
}

const CertificateJson = z.object({
  hash: z.string(),
  parts: z.array(z.object({ name: z.enum(PARTS), hash: z.string(), rows: z.int().min(0), lines: z.array(z.string()) })),
})

/** The certificate that was kept as JSON. Throws CERTIFICATE_UNREADABLE for anything else, or when its rows do not match its hash. */
export function certificateFrom(json: unknown): Certificate {
  const parsed = CertificateJson.safeParse(json)
  if (!parsed.success) throw unreadable('it is not a certificate')
  const rows = Object.fromEntries(PARTS.map((name) => [name, linesOf(parsed.data, name)])) as CertificateRows
  const certificate = certify(rows)
  if (certificate.hash !== parsed.data.hash)
    throw unreadable(`its rows hash to ${certificate.hash}, not to its ${parsed.data.hash}`)
  return certificate
}

function unreadable(why: string): Fault {
  return new Fault(
    'CERTIFICATE_UNREADABLE',
    `The certificate cannot be compared because ${why}: give the file that an earlier rehearsal wrote.`,
    { exitCode: 2 },
  )
}

function hashOf(lines: readonly string[]): string {
  const hash = createHash('sha256')
  for (const line of lines) hash.update(line).update('\n')
  return hash.digest('hex')
}

function linesOf({ parts }: Certificate, name: PartName): readonly string[] {
  return parts.find((part) => part.name === name)?.lines ?? []
}

function firstDifference(a: readonly string[], b: readonly string[]): number | undefined {
  const longest = Math.max(a.length, b.length)
  for (let i = 0; i < longest; i++) if (a[i] !== b[i]) return i
  return undefined
}

type Found = { readonly first: Certificate; readonly second: Certificate; readonly part: PartName; readonly index: number }

function causeOf(found: Found): Cause {
  const { first, second, part, index } = found
  switch (part) {
    case 'bars':
      return barCause(linesOf(first, part)[index], linesOf(second, part)[index])
    case 'features':
      return differs(found, 'models') ? 'model' : 'code-or-configuration'
    case 'models':
      return 'model'
    case 'fills':
      return 'broker-fill'
    case 'signals':
    case 'approvals':
    case 'orders':
      return isAfterAnotherFill(found) ? 'broker-fill' : 'code-or-configuration'
    default:
      return part satisfies never
  }
}

/** Lines of bars begin with instant and symbol: the same ones with other values are a correction. */
function barCause(a: string | undefined, b: string | undefined): Cause {
  const key = (line: string | undefined) => line?.split(' ', 2).join(' ')
  return key(a) === key(b) ? 'late-correction' : 'missing-bar'
}

function differs({ first, second }: Found, part: PartName): boolean {
  return firstDifference(linesOf(first, part), linesOf(second, part)) !== undefined
}

/** Whether fills differ already at or before the instant of the row: what it decided on was another book. */
function isAfterAnotherFill({ first, second, part, index }: Found): boolean {
  const [a, b] = [linesOf(first, 'fills'), linesOf(second, 'fills')]
  const fill = firstDifference(a, b)
  if (fill === undefined) return false
  return earliest([a[fill], b[fill]]) <= earliest([linesOf(first, part)[index], linesOf(second, part)[index]])
}

/** The earlier of the instants that the lines begin with, as ISO text. */
function earliest(lines: readonly (string | undefined)[]): string {
  const instants = lines.flatMap((line) => (line === undefined ? [] : [line.split(' ', 1)[0]]))
  return instants.sort()[0] ?? ''
}
