import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { wrongRequest } from '#domain/fault.ts'
import { ScriptedFault } from '../../standins/exchange/faults.ts'

/** What a file of JSON has an exchange do wrong. Throws FAULTS_UNREADABLE, exit code 2, with what is wrong with the file. */
export async function faultsIn(file: string): Promise<ScriptedFault[]> {
  const unreadable = (why: string) =>
    wrongRequest('FAULTS_UNREADABLE', `The faults in ${file} cannot be read: ${why}. docs/exchange.md has their table.`)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(cause instanceof Error ? cause.message : String(cause))
  })
  const given = jsonIn(text)
  if (given === undefined) throw unreadable('it is not JSON')
  const parsed = z.array(ScriptedFault).safeParse(given)
  if (parsed.success) return parsed.data
  throw unreadable(z.prettifyError(parsed.error).replace(/\s+/g, ' '))
}

/** The value that JSON text means; undefined for other text. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
