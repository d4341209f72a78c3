import { InvalidArgumentError } from 'commander'
import { FlowRun } from '#desk/flow-views.ts'
import type { FlowFields } from './flow-program.ts'

/** Names with values, in the order in which they were typed. */
export type Words = readonly (readonly [string, string])[]
export type Facts = Readonly<Record<string, string>>

export const STATES = FlowRun.shape.state.options

const ZONE = 'America/New_York'

/** The first instant of a day in New York, epoch ms, from `YYYY-MM-DD`. Throws InvalidArgumentError. */
export function dayBegins(text: string): number {
  return dateFrom(text).toZonedDateTime(ZONE).epochMilliseconds
}

/** The first instant after a day in New York, epoch ms, from `YYYY-MM-DD`. Throws InvalidArgumentError. */
export function dayEnds(text: string): number {
  return dateFrom(text).add({ days: 1 }).toZonedDateTime(ZONE).epochMilliseconds
}

/** `pair=XOM-CVX` as name and value; the value may hold further `=`. Throws InvalidArgumentError. */
export function namedValue(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new InvalidArgumentError('write name=value, such as pair=XOM-CVX.')
}

function dateFrom(text: string): Temporal.PlainDate {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text))
    try {
      return Temporal.PlainDate.from(text)
    } catch {
      // A day that no month has reads as one that cannot be read.
    }
  throw new InvalidArgumentError('a date is written YYYY-MM-DD.')
}

/** What a flow is asked for: the words, or the object given instead. Throws InvalidArgumentError for both. */
export function askedFor(words: Words, fields: Readonly<Record<string, unknown>> | undefined): FlowFields {
  if (fields === undefined) return { kind: 'words', words }
  if (words.length > 0) throw new InvalidArgumentError('give the parameters as words or as --parameters, not both.')
  return { kind: 'json', fields }
}

/** The words so far and one more, `name=value`. */
export function gathered(text: string, before: Words): Words {
  return [...before, namedValue(text)]
}

/** The facts so far and one more, `name=value`. */
export function factsFrom(text: string, before: Facts): Facts {
  const [name, value] = namedValue(text)
  return { ...before, [name]: value }
}

/** The states so far and one more. */
export function stateFrom(text: string, before: FlowRun['state'][]): FlowRun['state'][] {
  const state = STATES.find((one) => one === text)
  if (state !== undefined) return [...before, state]
  throw new InvalidArgumentError(`there are ${STATES.join(', ')}.`)
}

/** The object that JSON holds. */
export function fieldsFrom(text: string): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(text)
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) return { ...fields }
  } catch {
    // What is no JSON is told as what is no object.
  }
  throw new InvalidArgumentError('write one JSON object, such as {"pair": "XOM-CVX"}.')
}

/** Reads a whole number from `least` to `most`. */
export function wholeFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const whole = Number(text)
    if (Number.isSafeInteger(whole) && whole >= least && whole <= most) return whole
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}.`)
  }
}
