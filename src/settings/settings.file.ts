import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Fault } from '#domain/fault.ts'
import type { Env, SettingsText } from './layers.ts'
import { readSettings } from './read-settings.ts'

const DEFAULTS = fileURLToPath(new URL('../../config/spreadworks.yaml', import.meta.url))

/** Reads config/spreadworks.yaml, the user's own file over it (`SPREADWORKS_CONFIG`), and `env` over both. Throws as readSettings. */
export async function readSettingsFiles(env: Env): Promise<ReturnType<typeof readSettings>> {
  const own = env.SPREADWORKS_CONFIG
  const paths = own === undefined || own === '' ? [DEFAULTS] : [DEFAULTS, own]
  return readSettings({ files: await Promise.all(paths.map(readText)), env })
}

async function readText(path: string): Promise<SettingsText> {
  try {
    return { path, text: await readFile(path, 'utf8') }
  } catch (cause) {
    throw new Fault(
      'SETTINGS_UNREADABLE',
      `The settings file ${path} cannot be opened; SPREADWORKS_CONFIG must name a YAML file.`,
      {
        exitCode: 2,
        cause,
      },
    )
  }
}
