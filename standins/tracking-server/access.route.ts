import type { FastifyInstance } from 'fastify'
import { type Access, challengeFor, isAdmitted } from './access.ts'
import { Refusal } from './refusal.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without credentials: it tells nothing, or its address is secret itself. */
    isOpen?: boolean
  }
}

/** Refuses every request that does not bring what `access` asks for; routes that are open, and none other, are answered without. */
export function addAccess(app: FastifyInstance, access: Access): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.isOpen === true || isAdmitted(access, request.headers.authorization)) return
    reply.header('WWW-Authenticate', challengeFor(access))
    throw new Refusal(
      'UNAUTHENTICATED',
      'You are not authenticated. Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.',
    )
  })
}
