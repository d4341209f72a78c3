import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type YahooQuestion = { readonly path: string; readonly query: URLSearchParams; readonly cookie: string | undefined }
export type YahooScript = (response: ServerResponse, question: YahooQuestion) => void

/**
 * For tests: all of Yahoo's hosts on one socket. It gives out its cookie and its crumb by itself unless `script` has answered;
 * everything else is the script's. `asked` keeps the questions, cookie and crumb included.
 */
export async function scriptedYahoo(script: YahooScript) {
  const asked: YahooQuestion[] = []
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://yahoo')
    const question = { path: pathname, query: searchParams, cookie: request.headers.cookie }
    asked.push(question)
    script(response, question)
    if (!response.writableEnded && !response.headersSent) letIn(response, question)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close }
}

function letIn(response: ServerResponse, { path }: YahooQuestion): void {
  if (path.startsWith('/quote/')) {
    const cookie = 'A3=d=test; Domain=.yahoo.com; Path=/; Secure; Expires=Fri, 01 Jan 2100 00:00:00 GMT'
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': cookie }).end('<html>')
  }
  if (path === '/v1/test/getcrumb') response.writeHead(200, { 'content-type': 'text/plain' }).end('crumb/1')
}

/** Ends `response` as JSON. */
export function sayJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers }).end(JSON.stringify(body))
}
