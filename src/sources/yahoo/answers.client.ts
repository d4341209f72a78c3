import { z } from 'zod'

/** Yahoo has nothing under the name or for the time that was asked. */
export class NoData extends Error {}

/** Yahoo does not answer, or not us. `retryAfterMs` is how long it says to wait, undefined when it does not say. */
export class NoAnswer extends Error {
  readonly retryAfterMs: number | undefined

  constructor(message: string, retryAfterMs: number | undefined) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** The crumb that went with a question is not, or no longer, one of Yahoo's. */
export class CrumbRefused extends Error {}

const LONGEST_CRUMB = 64

const refusal = z
  .record(z.string(), z.object({ error: z.object({ description: z.string() }) }))
  .transform((roots) => Object.values(roots).map(({ error }) => error.description))

/**
 * What Yahoo sent for `question`, whose own address says which of three answers is right: a page with a cookie, a crumb, or
 * JSON. `address` is where it is really sent. Throws NoData, CrumbRefused, and NoAnswer for everything else, so that the
 * library never sees (and prints) an answer that it does not understand.
 */
export async function answerTo(question: URL, address: URL, init: RequestInit): Promise<Response> {
  const response = await fetch(address, init).catch((cause: unknown) => {
    throw new NoAnswer(`Yahoo cannot be reached: ${causesOf(cause)}`, undefined)
  })
  if (question.pathname === '/v1/test/getcrumb') return crumb(response)
  return isPage(question) ? page(response) : data(response)
}

/** Whether the question is for a cookie or a consent: its answer is HTML or a redirect. */
function isPage({ hostname, pathname }: URL): boolean {
  return pathname.startsWith('/quote/') || /^(guce|consent)\./.test(hostname)
}

function page(response: Response): Response {
  if (response.status < 400) return response
  throw unanswered(response, `HTTP ${response.status}`)
}

async function crumb(response: Response): Promise<Response> {
  if (!response.ok) throw unanswered(response, `HTTP ${response.status} for a crumb`)
  // Yahoo also writes `Too Many Requests`, or a page, where the crumb stands.
  const text = await response.text()
  if (text === '' || text.length > LONGEST_CRUMB || /[\s<]/.test(text)) throw unanswered(response, 'no crumb')
  return new Response(text)
}

async function data(response: Response): Promise<Response> {
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  if (response.ok && isJson) return response
  const body = await response.text()
  const said = isJson ? refusal.safeParse(parsedOrNothing(body)) : undefined
  const [description] = said?.data ?? []
  if (description !== undefined && [400, 404, 422].includes(response.status)) throw new NoData(description)
  if (response.status === 401 && /crumb/i.test(body)) throw new CrumbRefused(`Yahoo sent HTTP 401: ${description ?? body}`)
  throw unanswered(response, response.ok ? 'a page instead of data' : `HTTP ${response.status}`)
}

function unanswered({ headers }: Response, what: string): NoAnswer {
  const waitSeconds = Number(headers.get('retry-after') ?? Number.NaN)
  return new NoAnswer(`Yahoo sent ${what}`, Number.isFinite(waitSeconds) ? waitSeconds * 1000 : undefined)
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${causesOf(error.cause)}`
}
