/** An event with the id by which a reader can ask for what came after it. */
export type Logged<Event> = { readonly id: string; readonly event: Event }

/** The newest events of one stream, each numbered; `epoch` tells this log from any other, such as that of an earlier process. */
export type EventLog<Event> = {
  readonly lastId: () => string
  readonly append: (event: Event) => Logged<Event>
  /** What came after `id`, oldest first; undefined when that is no longer known or the id is another log's. */
  readonly after: (id: string) => readonly Logged<Event>[] | undefined
}

/** An empty log that keeps the newest `capacity` events. */
export function eventLog<Event>(epoch: string, capacity: number): EventLog<Event> {
  let count = 0
  let kept: Logged<Event>[] = []
  return {
    lastId: () => `${epoch}-${count}`,
    append: (event) => {
      count += 1
      const logged = { id: `${epoch}-${count}`, event }
      kept = [...kept, logged].slice(-capacity)
      return logged
    },
    after: (id) => {
      const number = numberIn(id, epoch)
      if (number === undefined || number > count || number < count - kept.length) return undefined
      return kept.slice(kept.length - (count - number))
    },
  }
}

function numberIn(id: string, epoch: string): number | undefined {
  const digits = id.startsWith(`${epoch}-`) ? id.slice(epoch.length + 1) : ''
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}
