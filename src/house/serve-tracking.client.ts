import type { ServedTracking, ServeTrackingRequest } from '#cli/program.ts'
import { aborted } from './runs.client.ts'
import { openOwnTracking, type TrackingPlan } from './tracking-server.client.ts'

/** The tracking server alone, until `signal` aborts. Closes the database in the end. */
export async function serveTracking(
  plan: TrackingPlan,
  { host, port }: ServeTrackingRequest,
  signal: AbortSignal,
): Promise<ServedTracking> {
  const { tracking } = plan.settings
  const server = await openOwnTracking(plan, { host: host ?? tracking.host, port: port ?? tracking.port }).catch(
    async (cause: unknown) => {
      await plan.database.close()
      throw cause
    },
  )
  const stop = async () => {
    await aborted(signal)
    await server.close()
    await plan.database.close()
  }
  return { url: server.url, stopped: stop() }
}
