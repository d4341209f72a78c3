import { type Symbol_, symbolFrom } from '#domain/symbol.ts'

/** A sector and the symbols that belong to it. */
export type SectorList = { readonly sector: string; readonly symbols: readonly Symbol_[] }

/** The sector and its symbols that `Energy: XOM CVX` names, or undefined when it is not written so. */
export function sectorListFrom(text: string): SectorList | undefined {
  const colon = text.indexOf(':')
  const sector = text.slice(0, Math.max(0, colon)).trim()
  const words = text
    .slice(colon + 1)
    .split(/\s+/)
    .filter((word) => word !== '')
  const symbols = words.flatMap((word) => symbolFrom(word) ?? [])
  return sector === '' || words.length === 0 || symbols.length < words.length ? undefined : { sector, symbols }
}

/** The sector that some lists of the settings give each symbol; of two for one symbol the later counts. */
export function sectorsOf(lists: readonly string[]): Map<Symbol_, string> {
  return new Map(
    lists.flatMap((list) => {
      const { sector, symbols } = sectorListFrom(list) ?? { sector: '', symbols: [] }
      return symbols.map((symbol) => [symbol, sector] as const)
    }),
  )
}
