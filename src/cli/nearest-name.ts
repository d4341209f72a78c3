/** How many letters may differ for one name to be meant by another. */
const MOST_DIFFERENT = 3

/** The name that `word` is most likely a slip of: the fewest letters changed, added or left out; undefined when none is near. */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  const [nearest] = names
    .map((name) => ({ name, changes: changesBetween(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.changes - b.changes)
  return nearest !== undefined && nearest.changes <= Math.min(MOST_DIFFERENT, word.length - 1) ? nearest.name : undefined
}

/** Letters to change, add or leave out to make `b` of `a` (Levenshtein 1966), row by row of the usual table. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const above = row
    row = [i + 1]
    for (const [j, other] of [...b].entries())
      row.push(Math.min(above[j] + (letter === other ? 0 : 1), above[j + 1] + 1, row[j] + 1))
  }
  return row[b.length]
}
