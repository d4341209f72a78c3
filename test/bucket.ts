import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signedHeaders } from '../standins/tracking-server/aws-signature.ts'
import type { Bucket } from '../standins/tracking-server/bucket.client.ts'

const KEYS = { id: 'AK', secret: 'secret', sessionToken: undefined }
const REGION = 'eu-central-1'
/** Few keys a page, so that a listing has several. */
const KEYS_A_PAGE = 3

type Reply = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string | Uint8Array }

export type TestBucket = {
  readonly bucket: Bucket
  readonly objects: ReadonlyMap<string, Buffer>
  /** Uploads in parts that were begun and not ended. */
  readonly openUploads: () => number
  /** The next so many requests are answered with 503. */
  readonly failNext: (count: number) => void
  readonly close: () => Promise<void>
}

/** A store that speaks as much of S3's protocol as artifacts need, refuses a wrong signature, and keeps everything in memory. */
export async function openBucket(): Promise<TestBucket> {
  const objects = new Map<string, Buffer>()
  const uploads = new Map<string, Map<number, Buffer>>()
  let failing = 0
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request))
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const { status, headers = {}, body: answer = '' } = failing-- > 0 ? { status: 503 } : replyTo(request, url, body)
    response.writeHead(status, headers).end(answer)
  })
  const replyTo = (request: IncomingMessage, url: URL, body: Buffer): Reply => {
    if (!isSigned(request, url, body)) return { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
    const key = decodeURIComponent(url.pathname).replace(/^\/models\/?/, '')
    const uploadId = url.searchParams.get('uploadId')
    if (url.searchParams.has('uploads')) return begun(uploads)
    if (uploadId !== null) return partly({ request, key, uploadId, body, number: Number(url.searchParams.get('partNumber')) })
    if (key === '') return listed(objects, url.searchParams)
    if (request.method === 'PUT') objects.set(key, body)
    if (request.method === 'DELETE') return objects.delete(key) ? { status: 204 } : { status: 204 }
    const stored = objects.get(key)
    if (stored === undefined) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
    const [, first = 0, last = stored.length - 1] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    const part = stored.subarray(Number(first), Number(last) + 1)
    return { status: 200, headers: { 'content-length': `${part.length}` }, ...(request.method === 'GET' ? { body: part } : {}) }
  }
  const partly = ({ request, key, uploadId, body, number }: PartCall): Reply => {
    const parts = uploads.get(uploadId)
    if (parts === undefined) return { status: 404, body: '<Error><Code>NoSuchUpload</Code></Error>' }
    if (request.method === 'PUT') {
      parts.set(number, body)
      return { status: 200, headers: { etag: `"${md5(body)}"` } }
    }
    uploads.delete(uploadId)
    if (request.method === 'DELETE') return { status: 204 }
    const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>(\w+)<\/ETag>/g)]
    const isRight = named.every(([, part, etag]) => md5(parts.get(Number(part)) ?? Buffer.alloc(0)) === etag)
    if (!isRight) return { status: 200, body: '<Error><Code>InvalidPart</Code><Message>No such part.</Message></Error>' }
    objects.set(key, Buffer.concat(named.map(([, part]) => parts.get(Number(part)) ?? Buffer.alloc(0))))
    return { status: 200, body: '<CompleteMultipartUploadResult/>' }
  }
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done())
      server.closeAllConnections()
    })
  const failNext = (count: number) => {
    failing = count
  }
  const bucket = { url: `http://127.0.0.1:${port}`, region: REGION, name: 'models', prefix: 'desk/x', keys: KEYS }
  return { bucket, objects, openUploads: () => uploads.size, failNext, close }
}

type PartCall = { request: IncomingMessage; key: string; uploadId: string; body: Buffer; number: number }

function md5(body: Buffer): string {
  return createHash('md5').update(body).digest('hex')
}

function isSigned({ method = '', headers }: IncomingMessage, url: URL, body: Buffer): boolean {
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? []
  const own = names.filter((name) => name !== 'host' && !name.startsWith('x-amz-'))
  const at = String(headers['x-amz-date']).replace(/^(....)(..)(..T..)(..)(..)/, '$1-$2-$3:$4:$5.000')
  const asked = Object.fromEntries(own.map((name) => [name, String(headers[name])]))
  const signed = signedHeaders({ method, url, headers: asked, body }, { keys: KEYS, region: REGION, at: new Date(at) })
  return signed.authorization === headers.authorization
}

function begun(uploads: Map<string, Map<number, Buffer>>): Reply {
  const uploadId = `${randomUUID()}+/=`
  uploads.set(uploadId, new Map())
  return { status: 200, body: `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>` }
}

function listed(objects: ReadonlyMap<string, Buffer>, asked: URLSearchParams): Reply {
  const [prefix, delimiter] = [asked.get('prefix') ?? '', asked.get('delimiter') ?? '']
  const after = asked.get('continuation-token') ?? ''
  const names = [...objects.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
      return end === -1 ? key : key.slice(0, end + 1)
    })
  const all = [...new Set(names)].sort().filter((name) => name > after)
  const page = all.slice(0, KEYS_A_PAGE)
  const entries = page.map((name) => {
    const size = objects.get(name)?.length
    const shown = encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%20', '+')
    if (size === undefined) return `<CommonPrefixes><Prefix>${shown}</Prefix></CommonPrefixes>`
    return `<Contents><Key>${shown}</Key><Size>${size}</Size></Contents>`
  })
  const next = all.length > page.length ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  return { status: 200, body: `<ListBucketResult>${entries.join('')}${next}</ListBucketResult>` }
}
