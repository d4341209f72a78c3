import { connect, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

// Clients of an HTTP server in a thread of their own. Each asks, waits for the whole answer, and asks again.

/** `bodies` are asked in turns, `place` saying at which to begin. */
type Load = {
  readonly port: number
  readonly path: string
  readonly clients: number
  readonly seconds: number
  readonly bodies: readonly string[]
}

const { port, path, clients, seconds, bodies } = workerData as Load
const until = performance.now() + seconds * 1000
const tookMs: number[] = []
let next = 0
let bytes = 0

/** The answer's size in bytes. Throws for an answer that is not 200. */
function answerTo(socket: Socket, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let [head, wanted, got] = ['', -1, 0]
    const listen = (chunk: Buffer) => {
      got += chunk.length
      if (wanted < 0) {
        head += chunk.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        if (!head.startsWith('HTTP/1.1 200')) reject(new Error(head))
        wanted = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1])
      }
      if (got < wanted) return
      socket.off('data', listen)
      resolve(wanted)
    }
    socket.on('data', listen)
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  })
}

async function client(): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise((resolve) => socket.once('connect', resolve))
  while (performance.now() < until) {
    const began = performance.now()
    bytes += await answerTo(socket, bodies[next++ % bodies.length] ?? '')
    tookMs.push(performance.now() - began)
  }
  socket.destroy()
}

await Promise.all(Array.from({ length: clients }, client))
tookMs.sort((a, b) => a - b)
parentPort?.postMessage({
  asked: tookMs.length,
  meanMs: tookMs.reduce((a, b) => a + b, 0) / tookMs.length,
  p95Ms: tookMs[Math.floor(tookMs.length * 0.95)],
  bytes,
})
