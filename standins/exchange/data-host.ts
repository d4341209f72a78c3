/** The two hosts of Alpaca's that one exchange stands for. */
export type Host = 'data' | 'trading'

const DATA_PATHS = ['/v2/stocks', '/v1beta', '/v1/corporate-actions']

/** Whose path it is at Alpaca: market data, or everything about the account. */
export function hostOf(path: string): Host {
  return DATA_PATHS.some((prefix) => path.startsWith(prefix)) ? 'data' : 'trading'
}
