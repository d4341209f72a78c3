type Waiting<T, R> = { readonly item: T; readonly resolve: (result: R) => void; readonly reject: (cause: unknown) => void }

export type Grouping<T, R> = {
  /** Carries out some items together and answers for each, in their order. */
  readonly carryOut: (items: readonly T[]) => Promise<readonly R[]>
  /** Items of one key never share a group: they come one after the other, in the order in which they were asked for. */
  readonly keyOf: (item: T, at: number) => unknown
  readonly largest: number
}

/**
 * Carries out what is asked for one by one in groups: while one group is under way the next one gathers, so that many askers share a
 * statement and a commit, and a single one waits for nobody. Where a group of several fails, each of its items is tried by itself, so that
 * nobody fails for another's fault.
 */
export function inGroups<T, R>({ carryOut, keyOf, largest }: Grouping<T, R>): (item: T) => Promise<R> {
  let waiting: Waiting<T, R>[] = []
  let isUnderWay = false

  const nextGroup = (): Waiting<T, R>[] => {
    const keys = new Set<unknown>()
    const group: Waiting<T, R>[] = []
    const later: Waiting<T, R>[] = []
    waiting.forEach((one, at) => {
      const key = keyOf(one.item, at)
      const joins = group.length < largest && !keys.has(key)
      keys.add(key)
      ;(joins ? group : later).push(one)
    })
    waiting = later
    return group
  }
  const settleAlone = (one: Waiting<T, R>) => carryOut([one.item]).then(([result]) => one.resolve(result), one.reject)
  const settle = (group: readonly Waiting<T, R>[]): Promise<unknown> =>
    carryOut(group.map(({ item }) => item)).then(
      (results) => {
        for (const [at, one] of group.entries()) one.resolve(results[at])
      },
      async (cause) => {
        if (group.length === 1) group[0]?.reject(cause)
        else for (const one of group) await settleAlone(one)
      },
    )
  const goOn = async () => {
    isUnderWay = true
    while (waiting.length > 0) await settle(nextGroup())
    isUnderWay = false
  }
  return (item) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!isUnderWay) void goOn()
    })
}
