/** Where an Alpaca-compatible exchange is reached: trading REST, data REST and the base of the data streams. */
export type AlpacaEndpoints = { readonly tradingUrl: string; readonly dataUrl: string; readonly streamUrl: string }

/** Key of one Alpaca account. */
export type AlpacaKeys = { readonly keyId: string; readonly secret: string }
