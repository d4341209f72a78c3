import { setTimeout as sleep } from 'node:timers/promises'
import { type AwsKeys, encoded, signedHeaders } from './aws-signature.ts'
import { Refusal } from './refusal.ts'

/** A bucket of an S3-compatible store, and the part of it that is ours. */
export type Bucket = {
  /** `https://s3.eu-central-1.amazonaws.com`, or any store's that speaks the same protocol. */
  readonly url: string
  readonly region: string
  readonly name: string
  /** Empty, or without a slash at either end. */
  readonly prefix: string
  readonly keys: AwsKeys
}

export type BucketCall = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Empty: of the bucket itself. */
  readonly key: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
}

const NO_BODY = new Uint8Array()
const ATTEMPTS = 3
const RETRY_MS = 200

/**
 * The store's answer, whatever its status below 500. Answers of 500 and above are asked for again. Throws a Refusal, which clients try
 * again on, where the store does not answer or says that it cannot.
 */
export async function askBucket(bucket: Bucket, call: BucketCall): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const reply = await sent(bucket, call).catch((cause: unknown) => (cause instanceof Error ? cause.message : String(cause)))
    if (typeof reply !== 'string' && reply.status < 500) return reply
    const reason = typeof reply === 'string' ? reply : `${reply.status} ${await reply.text()}`.slice(0, 300)
    if (attempt === ATTEMPTS) throw new Refusal('TEMPORARILY_UNAVAILABLE', `The store of artifacts cannot be used: ${reason}`)
    await sleep(RETRY_MS * attempt)
  }
}

/** The same, for calls that the store must not refuse. Throws a Refusal that repeats the store's reason. */
export async function tellBucket(bucket: Bucket, call: BucketCall): Promise<Response> {
  const reply = await askBucket(bucket, call)
  if (reply.ok) return reply
  throw new Refusal(
    'INTERNAL_ERROR',
    `The store of artifacts refused ${call.method} ${call.key}: ${(await reply.text()).slice(0, 300)}`,
  )
}

function sent(bucket: Bucket, { method, key, query = {}, headers = {}, body = NO_BODY }: BucketCall): Promise<Response> {
  const path = [bucket.name, ...key.split('/')].map(encoded).join('/')
  const search = Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&')
  const url = new URL(`${bucket.url.replace(/\/$/, '')}/${path.replace(/\/$/, '')}?${search}`)
  const signed = signedHeaders({ method, url, headers, body }, { keys: bucket.keys, region: bucket.region, at: new Date() })
  return fetch(url, { method, headers: signed, ...(body.length > 0 ? { body } : {}) })
}
