import { InvalidArgumentError } from 'commander'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import type { AddCommand } from './add-command.command.ts'
import { portFrom } from './port-argument.command.ts'
import type { RecycledExchange } from './program.ts'

type Options = {
  port: number
  day?: string
  from?: string
  until?: string
  loop: number
  speed: number | 'max'
  shiftToNow?: true
  proxy: readonly (readonly [Symbol_, Symbol_])[]
  feed?: string
  faults?: string
  connections: number
  json?: true
}

export const addRecycler: AddCommand = (cli, program, signal) => {
  cli
    .command('recycler')
    .description('the exchange alone: stored bars over the protocol of Alpaca, for any client of it')
    .option('--port <number>', 'TCP port to listen on; 0 takes a free one', portFrom, 8502)
    .option('--day <date>', 'session to replay, YYYY-MM-DD; the last one stored when no day is given')
    .option('--from <date>', 'first session of a range')
    .option('--until <date>', 'last session of a range')
    .option(
      '--loop <number|endless>',
      'how often the sessions are gone through; each time on the trading days that follow',
      loopFrom,
      1,
    )
    .option(
      '--speed <number|max>',
      'how many times faster than the market; max moves when a client of its clock asks',
      speedFrom,
      60,
    )
    .option('--shift-to-now', 'show the first session as the one that trades now, or traded last')
    .option('--proxy <SYMBOL=OTHER>', 'show the bars of another symbol as this one; may be repeated', proxiesWith, [])
    .option('--feed <name>', 'feed whose bars are replayed (setting market.feed)')
    .option('--faults <file>', 'JSON list of faults to begin with (docs/exchange.md)')
    .option(
      '--connections <number>',
      'connections that the key may have at each data stream; Alpaca lets an account have one',
      connectionsFrom,
      1,
    )
    .option('--json', 'print one JSON object with addresses and keys when ready')
    .action(async ({ loop, shiftToNow, proxy, faults, json, ...options }: Options) => {
      if (options.day !== undefined && (options.from !== undefined || options.until !== undefined))
        cli.error('error: --day is one session; it goes with neither --from nor --until.')
      const { port, day, from, until, speed, feed, connections } = options
      const isShiftedToNow = shiftToNow ?? false
      const asked = { port, day, from, until, speed, feed, connections }
      const request = { ...asked, passes: loop, isShiftedToNow, proxies: proxy, faultsFile: faults }
      const { stopped, ...exchange } = await program.recycle(request, signal)
      program.terminal.out(json ? `${JSON.stringify(jsonOf(exchange))}\n` : textOf(exchange))
      await stopped
    })
}

type Ready = Omit<RecycledExchange, 'close'>

function jsonOf({ url, streamUrl, feedPath, keyId, secret, feed, from, until }: Ready): object {
  const streams = { data: `${streamUrl}/v2/${feedPath}`, news: `${streamUrl}/v1beta1/news`, updates: `${streamUrl}/stream` }
  return { url, ...streams, keyId, secret, feed, from, until }
}

function textOf({ url, streamUrl, feedPath, keyId, secret, feed, from, until }: Ready): string {
  return `${[
    `The exchange replays ${from === until ? from : `${from} to ${until}`} of the feed ${feed}.  (Ctrl-C stops it)`,
    `  REST           ${url}`,
    `  market data    ${streamUrl}/v2/${feedPath}`,
    `  news           ${streamUrl}/v1beta1/news`,
    `  trade updates  ${streamUrl}/stream`,
    `  key id         ${keyId}`,
    `  secret key     ${secret}`,
    `  status         ${url}/sandbox/status`,
  ].join('\n')}\n`
}

function loopFrom(text: string): number {
  if (text === 'endless') return Number.POSITIVE_INFINITY
  const passes = Number(text)
  if (Number.isSafeInteger(passes) && passes >= 1) return passes
  throw new InvalidArgumentError('expected endless, or a whole number from 1 on.')
}

function connectionsFrom(text: string): number {
  const connections = Number(text)
  if (Number.isSafeInteger(connections) && connections >= 1) return connections
  throw new InvalidArgumentError('expected a whole number from 1 on.')
}

function speedFrom(text: string): number | 'max' {
  if (text === 'max') return 'max'
  const speed = Number(text)
  if (speed > 0 && speed <= 100_000) return speed
  throw new InvalidArgumentError('expected max, or a number above 0 and at most 100000.')
}

type Proxies = Options['proxy']

function proxiesWith(text: string, before: Proxies): Proxies {
  const [symbol, proxy, ...more] = text.split('=').map(symbolFrom)
  if (symbol !== undefined && proxy !== undefined && more.length === 0) return [...before, [symbol, proxy]]
  throw new InvalidArgumentError('expected two tickers, such as PDFS=AAPL.')
}
