const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '[::1]'])

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || host.startsWith('127.')
}

/** Who is asking, by the headers of the request. */
export type Caller = { readonly host: string | undefined; readonly origin: string | undefined }

/**
 * Why a caller is refused, or undefined. A server on loopback answers to its own names only, so that a page elsewhere
 * cannot reach it by pointing a name of its own at this machine (DNS rebinding); and no server answers another site's page.
 */
export function refusalOf(
  { host, origin }: Caller,
  boundTo: string,
): { readonly code: string; readonly sentence: string } | undefined {
  if (isLoopback(boundTo) && !LOOPBACK.has(hostnameOf(host))) {
    return {
      code: 'HOST_REFUSED',
      sentence: `This server answers to localhost and 127.0.0.1, not to ${host ?? 'a request without a host'}; open it by one of these.`,
    }
  }
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return { code: 'ORIGIN_REFUSED', sentence: `A page of ${origin} asked; only this server's own page may.` }
  }
  return undefined
}

function hostnameOf(host: string | undefined): string {
  return (host ?? '').replace(/:\d+$/, '').toLowerCase()
}
