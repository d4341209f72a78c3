/** A model version as the protocol tells it, its stages, and what its source may be. */
import { invalid } from './refusal.ts'
import { fullyDecoded } from './url-encoding.ts'

const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const
export type Stage = (typeof STAGES)[number]
/** Stages that a version can take over, so that the one that held it is archived. */
const HELD_STAGES: readonly Stage[] = ['Staging', 'Production']

export type Tag = { readonly key: string; readonly value: string }

export type ModelVersion = {
  readonly name: string
  readonly version: string
  readonly creation_timestamp: number
  readonly last_updated_timestamp: number
  readonly current_stage: Stage
  readonly description: string
  readonly source: string
  readonly run_id: string
  readonly run_link: string
  readonly status: 'READY'
  readonly tags: readonly Tag[]
  readonly aliases: readonly string[]
  readonly model_id?: string
}

/** The stage that `text` names in any case. Throws a Refusal for any other text. */
export function stageFrom(text: string): Stage {
  const stage = STAGES.find((name) => name.toLowerCase() === text.toLowerCase())
  if (stage === undefined) throw invalid(`Invalid Model Version stage: ${text}. Value must be one of ${STAGES.join(', ')}.`)
  return stage
}

/** The stages that these texts name; all of them for none. */
export function stagesFrom(texts: readonly string[]): readonly Stage[] {
  return texts.length === 0 ? STAGES : texts.map(stageFrom)
}

/** Throws a Refusal unless other versions can be archived by a move to `stage`. */
export function assertArchivesOthers(stage: Stage): void {
  if (HELD_STAGES.includes(stage)) return
  throw invalid(
    `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
  )
}

/**
 * Throws a Refusal for a source that could lead a reader out of the place that it names: `..` or NUL however often it is encoded, and
 * a path on this machine's own disk that is not below `runArtifacts`, the artifacts of the run that the version comes from.
 */
export function assertSafeSource(source: string, runArtifacts: string | undefined): void {
  const plain = fullyDecoded(source)
  if (plain.includes('\0') || plain.split(/[/\\]/).some((part) => part === '..' || part === '.')) {
    throw invalid(
      `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
    )
  }
  if (!isLocal(plain) || (runArtifacts !== undefined && isLocal(runArtifacts) && isBelow(plain, runArtifacts))) return
  throw invalid(
    `Invalid model version source: '${source}'. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.`,
  )
}

function isLocal(uri: string): boolean {
  return /^file:/i.test(uri) || !/^[a-z][a-z\d+.-]+:/i.test(uri)
}

function isBelow(uri: string, folder: string): boolean {
  const [path, root] = [uri, folder].map((text) => text.replace(/^file:(\/\/)?/i, '').replace(/\/+$/, ''))
  return path === root || path.startsWith(`${root}/`)
}

/** The logged model that a source `models:/m-…` names; undefined for any other source. */
export function loggedModelOf(source: string): string | undefined {
  return /^models:\/+(m-[0-9a-f]{32})$/.exec(source)?.[1]
}

/** The version that a source `models:/name/3` names; undefined for any other source. */
export function versionOf(source: string): { readonly name: string; readonly version: number } | undefined {
  const [, name, version] = /^models:\/+([^/]+)\/(\d{1,9})$/.exec(source) ?? []
  return name === undefined ? undefined : { name, version: Number(version) }
}
