import { createServer } from 'node:net'

/** `wanted` when nobody listens there on 127.0.0.1, else a port that nobody listens on now. */
export async function freePort(wanted: number): Promise<number> {
  return (await portTaken(wanted)) ?? (await portTaken(0)) ?? Promise.reject(new Error('every TCP port of 127.0.0.1 is in use'))
}

/** The port that a listener got and gave back; undefined when somebody has it. */
async function portTaken(wanted: number): Promise<number | undefined> {
  const probe = createServer()
  const isListening = await new Promise<boolean>((settle) => {
    probe.once('error', () => settle(false)).listen(wanted, '127.0.0.1', () => settle(true))
  })
  const address = probe.address()
  if (!isListening || address === null || typeof address === 'string') return undefined
  await new Promise((closed) => probe.close(closed))
  return address.port
}
