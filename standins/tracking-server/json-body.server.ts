import type { FastifyInstance, FastifyRequest } from 'fastify'
import { invalid } from './refusal.ts'

/**
 * Bodies as the protocol's clients send them: JSON, which may be empty, and which old clients send without saying what it is. Any other
 * type is refused, so that no page of another site can have a browser post here unasked.
 */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, async (_request: FastifyRequest, text: string) =>
    parsed(text),
  )
  app.addContentTypeParser<string>('*', { parseAs: 'string' }, async (request: FastifyRequest, text: string) => {
    if (request.headers['content-type'] !== undefined) throw invalid('Bad Request. Content-Type must be application/json.')
    return parsed(text)
  })
}

function parsed(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('The request body is not JSON.')
  }
}
