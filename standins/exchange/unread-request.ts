import { refusal } from './refusal.ts'

const STATUSES: ReadonlyMap<string, readonly [number, string, string]> = new Map([
  ['HPE_HEADER_OVERFLOW', [431, 'Request Header Fields Too Large', 'request line and headers are too long']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout', 'request was not complete in time']],
])

/** The whole answer, status line and all, to a request that cannot be read as HTTP. `errorCode` is Node's; any unknown one is 400. */
export function answerToUnread(errorCode: string | undefined, requestId: string): string {
  const [status, phrase, message] = STATUSES.get(errorCode ?? '') ?? [400, 'Bad Request', 'request is not HTTP']
  const body = JSON.stringify(refusal(status, message).body)
  return [
    `HTTP/1.1 ${status} ${phrase}`,
    `x-request-id: ${requestId}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n')
}
