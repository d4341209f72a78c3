import { join } from 'node:path'
import type { Database } from '#database/connection.client.ts'
import type { Credentials, Settings } from '#settings/schema.ts'
import { type Artifacts, artifactsIn } from '../../standins/tracking-server/artifacts.file.ts'
import { artifactsInBucket } from '../../standins/tracking-server/bucket-artifacts.client.ts'
import { openTrackingServer } from '../../standins/tracking-server/tracking-server.server.ts'

const BYTES_PER_MB = 1_000_000

export type TrackingPlan = {
  readonly settings: Settings
  readonly credentials: Credentials
  readonly database: Database
  readonly home: string
}

type Address = { readonly host: string; readonly port: number }

/** The built-in tracking server with the artifacts and the access that the settings say. Port 0 takes a free one. */
export function openOwnTracking(plan: TrackingPlan, address: Address): Promise<{ url: string; close: () => Promise<void> }> {
  return openTrackingServer({
    ...address,
    pool: plan.database.pool,
    artifacts: artifactsOf(plan),
    mostArtifactBytes: plan.settings.tracking.maximumArtifactMb * BYTES_PER_MB,
    access: plan.credentials.tracking ?? { kind: 'open' },
  })
}

function artifactsOf({ settings, credentials, home }: TrackingPlan): Artifacts {
  const { artifacts, s3Url, s3Region: region } = settings.tracking
  if (artifacts === undefined || credentials.s3 === undefined) return artifactsIn(join(home, 'artifacts'))
  return artifactsInBucket({ ...artifacts, region, url: s3Url ?? `https://s3.${region}.amazonaws.com`, keys: credentials.s3 })
}
