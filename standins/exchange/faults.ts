import { z } from 'zod'
import { randomStream } from '#domain/random.ts'
import { DAY_MS, type EpochMs, epochMs, instantFrom } from '#domain/units.ts'

const instant = z
  .union([z.number(), z.iso.datetime({ offset: true })])
  .transform((value) => (typeof value === 'number' ? epochMs(value) : instantFrom(value)))

/** How long a fault is in force: `from` and `until` on the replayed clock, `forMs` on the wall's since it was added. */
const Window = { from: instant.optional(), until: instant.optional(), forMs: z.number().positive().optional() }
const Chance = {
  /** Of the occasions on which it could strike; which ones follows from the seed. */
  fraction: z.number().min(0).max(1).default(1),
  seed: z.int().min(0).default(0),
}
/** For faults that strike: `count` times at most. */
const When = { ...Window, ...Chance, count: z.int().min(1).optional() }
const symbols = z.array(z.string().min(1)).min(1).optional()
const stream = z.enum(['data', 'news', 'trading']).default('data')
const host = z.enum(['data', 'trading']).default('data')
const request = { host, method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']).optional(), path: z.string().default('/') }

/** Ten years: no clock is wronger, and dates stay dates. */
const MOST_SKEW_MS = 3_653 * DAY_MS

/** Every way in which the exchange can be told to misbehave; docs/exchange.md has the table. */
export const ScriptedFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mute-stream'), ...When, stream }),
  z.strictObject({ kind: z.literal('drop-connection'), ...When, stream }),
  z.strictObject({
    kind: z.literal('refuse-connections'),
    ...When,
    stream,
    code: z.union([402, 404, 406, 408, 409, 500].map((code) => z.literal(code))).default(406),
  }),
  z.strictObject({ kind: z.literal('slow-frames'), ...When, stream, delayMs: z.number().positive().max(600_000) }),
  z.strictObject({ kind: z.literal('duplicate-frames'), ...When, stream }),
  z.strictObject({ kind: z.literal('reorder-frames'), ...When, stream }),
  z.strictObject({ kind: z.literal('drop-trade-updates'), ...When, symbols }),
  z.strictObject({ kind: z.literal('late-trades'), ...When, symbols }),
  z.strictObject({
    kind: z.literal('rate-limit'),
    ...When,
    ...request,
    withHeaders: z.boolean().default(true),
    retryAfterSeconds: z.int().min(0).default(1),
  }),
  z.strictObject({ kind: z.literal('server-error'), ...When, ...request, status: z.int().min(500).max(599).default(500) }),
  z.strictObject({
    kind: z.literal('lose-answer'),
    ...When,
    ...request,
    host: z.enum(['data', 'trading']).default('trading'),
    method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']).default('POST'),
    path: z.string().default('/v2/orders'),
    answer: z.enum(['504', 'cut']).default('504'),
  }),
  z.strictObject({
    kind: z.literal('refuse-order'),
    ...When,
    symbols,
    side: z.enum(['buy', 'sell']).optional(),
    status: z.union([z.literal(403), z.literal(422)]).default(403),
    message: z.string().default('order refused'),
  }),
  z.strictObject({ kind: z.literal('reject-order'), ...Window, symbols, message: z.string().default('rejected by the venue') }),
  z.strictObject({ kind: z.literal('not-borrowable'), ...Window, symbols }),
  z.strictObject({
    kind: z.literal('partial-fills'),
    ...Window,
    symbols,
    participation: z.number().min(0).max(1).default(0.001),
  }),
  z.strictObject({ kind: z.literal('late-fills'), ...Window, symbols, delayMs: z.number().positive() }),
  z.strictObject({ kind: z.literal('clock-skew'), ...Window, skewMs: z.int().min(-MOST_SKEW_MS).max(MOST_SKEW_MS) }),
  z.strictObject({ kind: z.literal('wrong-half-day'), ...Window, date: z.iso.date() }),
  z.strictObject({
    kind: z.literal('bad-bars'),
    ...Window,
    ...Chance,
    symbols,
    defect: z.enum(['times', 'half-split', 'empty']),
    factor: z.number().positive().default(100),
  }),
])
export type ScriptedFault = z.output<typeof ScriptedFault>
/** The streams that a fault may be of. */
export type ScriptedStream = 'data' | 'news' | 'trading'
export type FaultKind = ScriptedFault['kind']
export type FaultOf<Kind extends FaultKind> = Extract<ScriptedFault, { readonly kind: Kind }>

/** A fault that was added: its id, and how often it has struck. */
export type AddedFault = { readonly id: number; readonly strikes: number; readonly fault: ScriptedFault }

export type Faults = {
  readonly list: () => readonly AddedFault[]
  readonly add: (fault: ScriptedFault) => AddedFault
  /** Whether there was one of this id. */
  readonly remove: (id: number) => boolean
  readonly clear: () => void
  /** Called after each fault that is added. */
  readonly onAdded: (listener: () => void) => void
  /** The first fault of the kind that strikes on this occasion; the strike is counted. */
  readonly strike: <Kind extends FaultKind>(kind: Kind, fits?: (fault: FaultOf<Kind>) => boolean) => FaultOf<Kind> | undefined
  /** Faults of the kind that are in force, whatever their fraction; nothing is counted. */
  readonly inForce: <Kind extends FaultKind>(kind: Kind) => readonly FaultOf<Kind>[]
}

type Entry = {
  readonly id: number
  readonly fault: ScriptedFault
  readonly addedAt: number
  readonly draw: () => number
  strikes: number
}

/** The faults of one exchange. `now` is the replayed clock, `wall` milliseconds that only grow; `script` is added at once. */
export function createFaults(terms: {
  readonly now: () => EpochMs
  readonly wall: () => number
  readonly script: readonly ScriptedFault[]
}): Faults {
  const { now, wall } = terms
  let entries: readonly Entry[] = []
  const listeners: (() => void)[] = []
  let added = 0

  const add = (fault: ScriptedFault): AddedFault => {
    added++
    const entry: Entry = {
      id: added,
      fault,
      addedAt: wall(),
      draw: randomStream('seed' in fault ? fault.seed : 0, fault.kind).uniform,
      strikes: 0,
    }
    entries = [...entries, entry]
    for (const listener of listeners) listener()
    return shown(entry)
  }
  const isInForce = ({ fault, addedAt, strikes }: Entry) => {
    const { from, until, forMs } = fault
    const most = 'count' in fault ? fault.count : undefined
    const isCounted = strikes < (most ?? Number.POSITIVE_INFINITY)
    const isTimely = wall() - addedAt < (forMs ?? Number.POSITIVE_INFINITY)
    // What bars are bad is said of the bars, not of the instant at which they are asked for.
    if (fault.kind === 'bad-bars') return isCounted && isTimely
    return isCounted && isTimely && now() >= (from ?? Number.NEGATIVE_INFINITY) && now() < (until ?? Number.POSITIVE_INFINITY)
  }
  for (const fault of terms.script) add(fault)
  return {
    list: () => entries.map(shown),
    add,
    remove: (id) => {
      const before = entries.length
      entries = entries.filter((entry) => entry.id !== id)
      return entries.length < before
    },
    clear: () => {
      entries = []
    },
    onAdded: (listener) => {
      listeners.push(listener)
    },
    strike: (kind, fits = () => true) => {
      for (const entry of entries) {
        if (!isOf(entry.fault, kind) || !isInForce(entry) || !fits(entry.fault)) continue
        if ('fraction' in entry.fault && entry.fault.fraction < 1 && entry.draw() >= entry.fault.fraction) continue
        entry.strikes++
        return entry.fault
      }
      return undefined
    },
    inForce: (kind) => entries.flatMap((entry) => (isOf(entry.fault, kind) && isInForce(entry) ? [entry.fault] : [])),
  }
}

function shown({ id, strikes, fault }: Entry): AddedFault {
  return { id, strikes, fault }
}

function isOf<Kind extends FaultKind>(fault: ScriptedFault, kind: Kind): fault is FaultOf<Kind> {
  return fault.kind === kind
}

/** Whether a fault that names symbols names this one; one that names none means all. */
export function concerns(fault: { readonly symbols?: readonly string[] | undefined }, symbol: string): boolean {
  return fault.symbols === undefined || fault.symbols.includes(symbol)
}
