import { writeFile } from 'node:fs/promises'
import { InvalidArgumentError } from 'commander'
import { type Certificate, compareCertificates, differenceInWords } from '#desk/certificate.ts'
import { Fault } from '#domain/fault.ts'
import type { AddCommand } from './add-command.command.ts'
import { progressBar } from './progress-bar.client.ts'
import { rehearsalJson } from './rehearsal-json.ts'
import { rehearsalText } from './rehearsal-text.ts'

type Options = {
  day?: string
  days: number
  sector: string[]
  speed: number | 'max'
  seed?: number
  feed?: string
  compare?: string
  certificate?: string
  json?: true
}

export const addRehearse: AddCommand = (cli, program, signal) => {
  cli
    .command('rehearse')
    .description('one trading day end to end on recorded bars, in a book of its own')
    .option('--day <date>', 'session to rehearse, YYYY-MM-DD; the last one stored when not given')
    .option('--days <number>', 'sessions in a row, the first being the day', wholeFrom(1), 1)
    .option(
      '--sector <name>',
      'only symbols of this sector; may be repeated',
      (name: string, before: string[]) => [...before, name],
      [],
    )
    .option('--speed <max|number>', 'how many times faster than the market; max waits for nothing', speedFrom, 'max')
    .option('--seed <number>', 'seed of everything random (setting rehearsal.seed)', wholeFrom(0))
    .option('--feed <name>', 'feed whose bars are replayed (setting market.feed)')
    .option('--certificate <file>', 'write the certificate with all its rows to this file')
    .option(
      '--compare <file>',
      'compare with an earlier certificate (or the JSON output of an earlier run) and name the first row that differs',
    )
    .option('--json', 'print exactly one JSON object')
    .action(async ({ certificate, compare, json, day, days, sector, speed, seed, feed }: Options) => {
      const earlier = compare === undefined ? undefined : await program.certificateIn(compare)
      const bar = progressBar(program.terminal)
      const request = { day, days, sectors: sector, speed, seed, feed }
      const rehearsed = await program.rehearse(request, bar.show, signal).finally(bar.end)
      if (certificate !== undefined) await keep(rehearsed.certificate, certificate)
      const comparison =
        earlier === undefined ? {} : { comparison: differenceInWords(compareCertificates(earlier, rehearsed.certificate)) }
      const report = { ...rehearsed.report, book: rehearsed.book, ...comparison }
      program.terminal.out(json ? rehearsalJson(report) : rehearsalText(report))
    })
}

async function keep(certificate: Certificate, file: string): Promise<void> {
  await writeFile(file, `${JSON.stringify(certificate)}\n`).catch((cause: unknown) => {
    throw new Fault(
      'CERTIFICATE_NOT_WRITTEN',
      `The certificate cannot be written to ${file} (${String(cause)}); choose another file and rehearse again.`,
      { cause },
    )
  })
}

function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const whole = Number(text)
    if (!Number.isSafeInteger(whole) || whole < least) throw new InvalidArgumentError(`expected a whole number from ${least} on.`)
    return whole
  }
}

function speedFrom(text: string): number | 'max' {
  if (text === 'max') return 'max'
  const speed = Number(text)
  if (!(speed > 0 && speed <= 100_000)) throw new InvalidArgumentError('expected max, or a number above 0 and at most 100000.')
  return speed
}
