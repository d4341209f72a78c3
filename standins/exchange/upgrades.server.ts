import { type WebSocket, WebSocketServer } from 'ws'
import type { MarketFloor } from './market-floor.server.ts'
import type { TradeStream } from './trade-stream.server.ts'

type Upgrade = Parameters<WebSocketServer['handleUpgrade']>
type Upgraded = {
  readonly upgrade: (request: Upgrade[0], socket: Upgrade[1], head: Upgrade[2]) => void
  readonly close: () => void
}

/** A subscription to every channel of ten thousand symbols is an eighth of it. */
const MOST_MESSAGE_BYTES = 4 * 1024 * 1024

/** Hands WebSocket handshakes to the stream of their path; any other path is told 404 and hung up on. */
export function upgradeTo({
  market,
  news,
  trades,
}: Pick<MarketFloor, 'market' | 'news'> & { readonly trades: TradeStream }): Upgraded {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MOST_MESSAGE_BYTES })
  const connect = (pathname: string): ((socket: WebSocket, request: Upgrade[0]) => void) | undefined => {
    if (pathname === '/stream') return trades.connect
    if (pathname === '/v1beta1/news') return (socket, request) => news.connect(socket, request, 'news')
    const feed = /^\/v2\/(\w+)$/.exec(pathname)?.[1]
    return feed === undefined ? undefined : (socket, request) => market.connect(socket, request, feed)
  }
  return {
    upgrade: (request, socket, head) => {
      const open = connect(new URL(request.url ?? '/', 'http://exchange').pathname)
      if (open) server.handleUpgrade(request, socket, head, (opened) => open(opened, request))
      else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    },
    close: () => server.close(),
  }
}
