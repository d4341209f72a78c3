import { wrongRequest } from '#domain/fault.ts'
import type { Env } from './layers.ts'
import type { Credentials, TrackingCredentials } from './schema.ts'

/** The variables that MLflow's own clients read: a name with its password, which goes before a token. Throws SETTING_MISSING for half of the pair. */
export function trackingCredentialsIn(env: Env): TrackingCredentials | undefined {
  const pair = pairIn(env, ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'])
  if (pair !== undefined) return { kind: 'basic', user: pair[0], password: pair[1] }
  const token = env.MLFLOW_TRACKING_TOKEN ?? ''
  return token === '' ? undefined : { kind: 'bearer', token }
}

/** The variables that every program for such a store reads. Throws SETTING_MISSING for half of the pair, and for none where it `isNeeded`. */
export function s3KeysIn(env: Env, isNeeded: boolean): Credentials['s3'] {
  if (!isNeeded) return undefined
  const pair = pairIn(env, ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
  if (pair !== undefined) {
    const sessionToken = env.AWS_SESSION_TOKEN === '' ? undefined : env.AWS_SESSION_TOKEN
    return { id: pair[0], secret: pair[1], sessionToken }
  }
  throw wrongRequest(
    'SETTING_MISSING',
    'tracking.artifacts names a bucket, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; set both, or no tracking.artifacts.',
  )
}

function pairIn(env: Env, [first, second]: readonly [string, string]): readonly [string, string] | undefined {
  const [a, b] = [env[first] ?? '', env[second] ?? '']
  if (a === '' && b === '') return undefined
  if (a !== '' && b !== '') return [a, b]
  const [set, unset] = a === '' ? [second, first] : [first, second]
  throw wrongRequest('SETTING_MISSING', `${set} is set and ${unset} is not; set both, or neither.`)
}
