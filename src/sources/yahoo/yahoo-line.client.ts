import createYahooFinance from 'yahoo-finance2/createYahooFinance'
import { ExtendedCookieJar } from 'yahoo-finance2/lib/cookieJar'
import { getCrumbClear } from 'yahoo-finance2/lib/getCrumb'
import chart from 'yahoo-finance2/modules/chart'
import quote from 'yahoo-finance2/modules/quote'
import quoteSummary from 'yahoo-finance2/modules/quoteSummary'
import type { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { EpochMs } from '#domain/units.ts'
import { answerTo, CrumbRefused, NoAnswer, NoData } from './answers.client.ts'
import { afterFailure, CLOSED_CIRCUIT, refusalAt, type Unavailable } from './circuit.ts'

/** Why a question has no answer. All three are ordinary: Yahoo is an optional source. */
export type YahooRefused =
  | Unavailable
  /** Yahoo has nothing: an unknown symbol, or bars from before its limits. Asking again does not help. */
  | { readonly kind: 'no-data'; readonly cause: string }
  /** Yahoo answered, and not as it used to: `cause` names the field. What it says elsewhere is not in doubt. */
  | { readonly kind: 'schema-changed'; readonly cause: string }

export type YahooOptions = {
  /** Stands in for all of Yahoo's addresses when it is given. */
  readonly url?: string
  /** Between two requests, milliseconds. */
  readonly spacingMs: number
  /** Until a request counts as unanswered. */
  readonly timeoutMs: number
  /** The time by which pauses are counted and unfinished bars are known. */
  readonly now: () => EpochMs
}

const YahooFinance = createYahooFinance({ modules: { chart, quote, quoteSummary } })
type Library = InstanceType<typeof YahooFinance>

/** How one call of the library reaches Yahoo. */
type Reach = { readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response> }
type Question<T> = {
  readonly send: (library: Library, reach: Reach) => Promise<unknown>
  readonly answer: z.ZodType<T>
}

export type YahooLine = {
  /** What `question` is answered, through its decoder. */
  readonly ask: <T>(question: Question<T>) => Promise<Outcome<T, YahooRefused>>
  /** Why nothing would be asked now, or undefined. */
  readonly unavailable: () => Unavailable | undefined
}

/** One instance of the library, with a cookie jar, a queue and a circuit of its own. Prints nothing. */
export function openYahooLine({ url, spacingMs, timeoutMs, now }: YahooOptions): YahooLine {
  // The library's own jar is shared by all that use it.
  const cookieJar = new ExtendedCookieJar()
  const library = new YahooFinance({
    queue: { concurrency: 1, interval: spacingMs },
    cookieJar,
    validation: { logErrors: false, logOptionsErrors: false },
    versionCheck: false,
    suppressNotices: ['yahooSurvey'],
    logger: SILENT,
  })
  let circuit = CLOSED_CIRCUIT
  const unavailable = () => refusalAt(circuit, now())
  const pausedBy = (cause: string, retryAfterMs: number | undefined): Paused => {
    const at = now()
    circuit = afterFailure(circuit, { now: at, cause, retryAfterMs })
    return new Paused({ kind: 'unavailable', until: circuit.until, cause })
  }
  const reachFor = (onAnswer: () => void): Reach => ({
    fetch: async (input, init) => {
      // Questions wait in a queue, and an earlier one may have failed meanwhile.
      const refused = unavailable()
      if (refused) throw new Paused(refused)
      const question = new URL(input instanceof Request ? input.url : input)
      const terms = { ...init, signal: AbortSignal.timeout(timeoutMs) }
      const response = await answerTo(question, addressOf(question, url), terms).catch((error: unknown) => {
        throw error instanceof NoAnswer ? pausedBy(error.message, error.retryAfterMs) : error
      })
      if (isAboutData(question)) onAnswer()
      return response
    },
  })
  const sendOnce = async (send: Question<unknown>['send']): Promise<unknown> => {
    let isAnswered = false
    const reach = reachFor(() => {
      isAnswered = true
    })
    return send(library, reach).catch((error: unknown) => {
      const drifted = driftedResult(error)
      if (drifted !== undefined) return drifted
      const isKnown = error instanceof Paused || error instanceof NoData || error instanceof CrumbRefused
      // Until the question itself was answered, whatever the library misses is a cookie or a crumb.
      throw isKnown || isAnswered ? error : pausedBy(messageOf(error), undefined)
    })
  }
  const refusedBy = (error: unknown): YahooRefused => {
    if (error instanceof Paused) return error.refused
    if (error instanceof NoData) return { kind: 'no-data', cause: error.message }
    if (error instanceof CrumbRefused) return pausedBy(error.message, undefined).refused
    return { kind: 'schema-changed', cause: messageOf(error) }
  }
  return {
    unavailable,
    ask: async ({ send, answer }) => {
      const refused = unavailable()
      if (refused) return refuse(refused)
      try {
        const told = await sendOnce(send).catch(async (error: unknown) => {
          if (!(error instanceof CrumbRefused)) throw error
          await getCrumbClear(cookieJar)
          return sendOnce(send)
        })
        circuit = CLOSED_CIRCUIT
        const decoded = answer.safeParse(told)
        return decoded.success ? ok(decoded.data) : refuse({ kind: 'schema-changed', cause: firstIssue(decoded.error) })
      } catch (error) {
        return refuse(refusedBy(error))
      }
    },
  }
}

/** A question was not sent, or not answered, and none will be before `refused.until`. */
class Paused extends Error {
  readonly refused: Unavailable

  constructor(refused: Unavailable) {
    super(refused.cause)
    this.refused = refused
  }
}

/** The answer inside the library's complaint that a field is not as it knows it; our own decoder says whether ours are. */
function driftedResult(error: unknown): unknown {
  const isDrift = error instanceof Error && error.name === 'FailedYahooValidationError'
  return isDrift && 'result' in error ? error.result : undefined
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`
}

/** Whether the question is for what Yahoo is there for, and not for a cookie or a crumb. */
function isAboutData({ pathname }: URL): boolean {
  return /^\/v\d+\/finance\//.test(pathname)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function addressOf(question: URL, base: string | undefined): URL {
  return base === undefined || base === '' ? question : new URL(question.pathname + question.search, base)
}

const nothing = () => undefined
const SILENT = { info: nothing, warn: nothing, error: nothing, debug: nothing, dir: nothing }
