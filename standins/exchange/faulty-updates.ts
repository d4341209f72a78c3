import { concerns, type Faults, type ScriptedStream } from './faults.ts'

const isTrading = ({ stream }: { readonly stream: ScriptedStream }) => stream === 'trading'

/** What becomes of a trade update of `symbol`: it is sent, lost on its way, or the connection breaks before it. */
export function fateOfUpdate(faults: Faults, symbol: string): 'sent' | 'lost' | 'cut' {
  if (faults.strike('drop-connection', isTrading)) return 'cut'
  const isMute = faults.strike('mute-stream', isTrading) !== undefined
  return isMute || faults.strike('drop-trade-updates', (fault) => concerns(fault, symbol)) ? 'lost' : 'sent'
}
