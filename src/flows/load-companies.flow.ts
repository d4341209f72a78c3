import { DBOS } from '@dbos-inc/dbos-sdk'
import { Fault } from '#domain/fault.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import { step } from './step.flow.ts'

export type CompaniesParameters = { readonly symbols: readonly Symbol_[] }

/** What became of the symbols: profiles that came, profiles young enough to stay, and why there are none of the rest. */
export type CompanyCounts = {
  readonly loaded: number
  readonly fresh: number
  readonly missing: readonly { readonly symbol: Symbol_; readonly cause: string }[]
  readonly quotes: number
}

export type CompaniesPart = CompanyCounts & {
  /** The source stopped answering; the part is not whole. */
  readonly unavailable: { readonly until: EpochMs; readonly cause: string } | undefined
}

export type LoadCompaniesSteps = {
  /** Loads `symbols`, which stand at `place` of all; what was answered before is not asked again. */
  readonly loadPart: (parameters: CompaniesParameters, place: number) => Promise<CompaniesPart>
}

/** Symbols of one part: as many as one question for prices takes. */
export const COMPANIES_IN_A_PART = 50
/** So often a run waits until the source answers again, and so long at most. */
const RESTS = 3
const LONGEST_REST_MS = 3_600_000

const NOTHING: CompanyCounts = { loaded: 0, fresh: 0, missing: [], quotes: 0 }

/** Companies, part by part: a load that was killed goes on with the part that it was at. Throws SOURCE_UNAVAILABLE. */
export const loadCompanyProfiles =
  (steps: LoadCompaniesSteps) =>
  async (parameters: CompaniesParameters): Promise<CompanyCounts> => {
    let soFar = NOTHING
    let rests = 0
    let place = 0
    while (place < parameters.symbols.length) {
      const at = place
      const part = await step('load-companies', () => steps.loadPart(parameters, at))
      const { unavailable } = part
      if (unavailable === undefined) {
        soFar = sum(soFar, part)
        place += COMPANIES_IN_A_PART
      } else await rest(unavailable, ++rests)
    }
    return soFar
  }

async function rest({ until, cause }: { readonly until: EpochMs; readonly cause: string }, time: number): Promise<void> {
  const ms = until - (await DBOS.now())
  if (time > RESTS || ms > LONGEST_REST_MS)
    throw new Fault('SOURCE_UNAVAILABLE', `Yahoo does not answer (${cause}); it is not asked again before ${isoFrom(until)}.`)
  await DBOS.sleep(Math.max(0, ms))
}

function sum(a: CompanyCounts, b: CompanyCounts): CompanyCounts {
  return {
    loaded: a.loaded + b.loaded,
    fresh: a.fresh + b.fresh,
    missing: [...a.missing, ...b.missing],
    quotes: a.quotes + b.quotes,
  }
}
