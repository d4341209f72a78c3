/** Requests for artifacts, by path or by what they belong to. */
import { z } from 'zod'
import { int64, required } from './wire.ts'

const MOST_PARTS = 10_000

const partNumber = int64.pipe(z.number().min(1).max(MOST_PARTS))

export const ArtifactPath = z.object({ '*': z.string() })
export const ArtifactFolder = z.object({ path: z.string().default('') })
export const RunArtifacts = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
  path: z.string().default(''),
})
export const RunArtifact = RunArtifacts.extend({ path: required('path') })
export const VersionArtifact = z.object({ name: required('name'), version: z.coerce.number().int(), path: required('path') })
export const ModelArtifacts = z.object({ artifact_directory_path: z.string().default('') })
export const ModelArtifact = z.object({
  artifact_file_path: z.string('Request must include the "artifact_file_path" query parameter.').min(1),
})

export const BeginUpload = z.object({ path: required('path'), num_parts: partNumber.default(1) })
export const EndUpload = z.object({ path: required('path'), upload_id: required('upload_id') })
export const CompleteUpload = EndUpload.extend({
  parts: z.array(z.object({ part_number: partNumber, etag: z.string() })).min(1, "Missing value for required parameter 'parts'"),
})
export const UploadPart = z.object({ upload_id: required('upload_id'), part_number: partNumber })
