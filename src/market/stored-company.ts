import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Company } from '#sources/yahoo/company.ts'

/** A company as it is kept: what its source said last, and when that was. */
export type StoredCompany = Company & { readonly symbol: Symbol_; readonly source: string; readonly fetchedAt: EpochMs }
