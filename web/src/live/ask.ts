import type { Problem } from '../../../src/api/contract.ts'

/** Why the server did not answer as asked: its own sentence and code, or that it could not be reached. */
export class AskFailed extends Error {
  readonly code: string

  constructor(code: string, sentence: string) {
    super(sentence)
    this.name = 'AskFailed'
    this.code = code
  }
}

const UNREACHABLE =
  'The server does not answer. What is shown stays as it was; trading goes on without this page. Start Spreadworks again if it was stopped.'

/** The view at an address of the API. Throws AskFailed. The API's own tests hold it to the type of its contract. */
export async function ask<View>(path: string): Promise<View> {
  const answer = await reach(path, {})
  return (await answer.json()) as View
}

/** Asks the API to do something. Throws AskFailed. */
export async function tell(path: string, body: object): Promise<void> {
  await posted(path, body)
}

/** Asks the API to do something whose answer matters, such as the id of what it began. Throws AskFailed. */
export async function tellFor<Answer>(path: string, body: object): Promise<Answer> {
  return (await (await posted(path, body)).json()) as Answer
}

function posted(path: string, body: object): Promise<Response> {
  return reach(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

async function reach(path: string, options: RequestInit): Promise<Response> {
  const answer = await fetch(`/api${path}`, options).catch(() => {
    throw new AskFailed('SERVER_UNREACHABLE', UNREACHABLE)
  })
  if (answer.ok) return answer
  throw await problemOf(answer)
}

async function problemOf(answer: Response): Promise<AskFailed> {
  if (answer.headers.get('content-type')?.includes('problem+json') !== true)
    return new AskFailed('SERVER_UNREACHABLE', UNREACHABLE)
  const { code, detail } = (await answer.json()) as Problem
  return new AskFailed(code, detail)
}

/** `?book=…` for an address of the API, or nothing for the book of first sight. */
export function ofBook(book: string | undefined): string {
  return book === undefined ? '' : `?book=${encodeURIComponent(book)}`
}
