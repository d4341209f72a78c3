/** Where an Alpaca-compatible exchange is reached: trading REST, data REST and the base of the data streams. */
export type AlpacaEndpoints = { readonly tradingUrl: string; readonly dataUrl: string; readonly streamUrl: string }

/** Alpaca's own addresses. Market data is the same for paper and live accounts. */
export function alpacaEndpoints(mode: 'paper' | 'live'): AlpacaEndpoints {
  return {
    tradingUrl: mode === 'live' ? 'https://api.alpaca.markets' : 'https://paper-api.alpaca.markets',
    dataUrl: 'https://data.alpaca.markets',
    streamUrl: 'wss://stream.data.alpaca.markets',
  }
}

/** Key of one Alpaca account. */
export type AlpacaKeys = { readonly keyId: string; readonly secret: string }
