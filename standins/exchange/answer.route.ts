import type { FastifyReply } from 'fastify'
import type { Outcome } from '#domain/outcome.ts'
import type { Refusal } from './refusal.ts'

/** Sends what came out: the value as JSON, or the refusal with its status. */
export function answer<T>(reply: FastifyReply, outcome: Outcome<T, Refusal>, json: (value: T) => unknown): FastifyReply {
  return outcome.ok ? reply.send(json(outcome.value)) : reply.code(outcome.why.status).send(outcome.why.body)
}
