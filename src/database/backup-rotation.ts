/** How many backups are kept: the newest, and the first of so many weeks and months. */
export type BackupsKept = { readonly newest: number; readonly weeks: number; readonly months: number }

/**
 * Which of the backups are removed. A name begins with the date, `YYYY-MM-DD`, on which the backup was taken. The newest are
 * kept, and of each of the last weeks (Monday first) and months that have any the oldest; so one backup can serve as both.
 */
export function backupsToRemove(names: readonly string[], { newest, weeks, months }: BackupsKept): string[] {
  const ascending = [...names].sort()
  const kept = new Set([
    ...ascending.slice(ascending.length - Math.min(newest, ascending.length)),
    ...firstOfEach(ascending, weekOf, weeks),
    ...firstOfEach(ascending, (name) => name.slice(0, 7), months),
  ])
  return ascending.filter((name) => !kept.has(name))
}

function firstOfEach(ascending: readonly string[], periodOf: (name: string) => string, periods: number): string[] {
  const firsts = new Map<string, string>()
  for (const name of ascending) if (!firsts.has(periodOf(name))) firsts.set(periodOf(name), name)
  const all = [...firsts.values()]
  return all.slice(all.length - Math.min(periods, all.length))
}

/** The Monday of the name's week. */
function weekOf(name: string): string {
  const date = Temporal.PlainDate.from(name.slice(0, 10))
  return date.subtract({ days: date.dayOfWeek - 1 }).toString()
}
