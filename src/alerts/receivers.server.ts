import { createServer as createHttpServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'

/** What a receiver was sent. */
export type Posted = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }

/** For tests: an HTTP receiver on loopback. `answer` says what it answers; one that ends nothing lets the sender wait. */
export async function httpReceiver(answer: (response: ServerResponse, posted: Posted) => void) {
  const posted: Posted[] = []
  const server = createHttpServer(async (request, response) => {
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += part
    const one = { path: request.url ?? '', headers: request.headers, body }
    posted.push(one)
    answer(response, one)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}`, port, posted, close }
}

/** What an SMTP receiver does: takes mail, refuses it for good or for now, refuses the password, or takes connections and says nothing. */
export type SmtpMood = 'takes' | 'refuses' | 'later' | 'forbids' | 'hangs'

/** For tests: an SMTP receiver on loopback. `mails` are the data of what it took; `logins` what it was told in AUTH PLAIN. */
export async function smtpReceiver(mood: () => SmtpMood) {
  const mails: string[] = []
  const logins: string[] = []
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    if (mood() === 'hangs') return
    let [heard, data] = ['', '']
    let isData = false
    const reply = (line: string) => socket.write(`${line}\r\n`)
    const onLine = (line: string) => {
      if (isData && line !== '.') data += `${line}\n`
      else if (isData) {
        isData = false
        mails.push(data)
        data = ''
        reply('250 kept')
      } else {
        const [verb = ''] = line.toUpperCase().split(' ', 1)
        if (verb === 'AUTH') logins.push(Buffer.from(line.split(' ')[2] ?? '', 'base64').toString())
        isData = verb === 'DATA'
        reply(replyTo(verb, { mood: mood(), line }))
      }
    }
    socket.setEncoding('utf8').on('data', (part) => {
      heard += part
      const lines = heard.split('\r\n')
      heard = lines.pop() ?? ''
      lines.forEach(onLine)
    })
    reply('220 receiver')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { port, mails, logins, close }
}

function replyTo(verb: string, { mood, line }: { mood: SmtpMood; line: string }): string {
  if (verb === 'EHLO') return '250-receiver\r\n250 AUTH PLAIN'
  // A careless server that repeats what it was told.
  if (verb === 'AUTH') return mood === 'forbids' ? `535 no such login: ${line}` : '235 welcome'
  if (verb === 'RCPT' && mood === 'refuses') return '550 no such mailbox'
  if (verb === 'RCPT' && mood === 'later') return '451 try again later'
  if (verb === 'DATA') return '354 go on'
  return verb === 'QUIT' ? '221 bye' : '250 ok'
}
