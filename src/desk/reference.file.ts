import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { wrongRequest } from '#domain/fault.ts'
import { decodeReference, type ReferenceCase } from './reference-case.ts'

/**
 * Every case of the golden files (*.json) in a folder, file by file in the order of their names. Throws REFERENCE_ABSENT
 * where the folder cannot be read or holds no golden file, REFERENCE_UNREADABLE for a file of another shape.
 */
export async function readReferenceFolder(folder: string): Promise<ReferenceCase[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw wrongRequest(
      'REFERENCE_ABSENT',
      `The folder ${folder} cannot be read (${String(cause)}); name one that holds golden files.`,
    )
  })
  const files = names.filter((name) => name.endsWith('.json')).sort()
  if (files.length === 0) throw wrongRequest('REFERENCE_ABSENT', `The folder ${folder} holds no golden file (*.json).`)
  const cases = await Promise.all(files.map(async (name) => decodeReference(await readFile(join(folder, name), 'utf8'), name)))
  return cases.flat()
}
