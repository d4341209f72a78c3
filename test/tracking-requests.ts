export type Json = Record<string, unknown>
export type Entry = { readonly key: string; readonly value: unknown }

/** What a test asks of a tracking server, over its socket. */
export type TrackingRequests = {
  /** POST with a body, GET without. */
  readonly ask: (path: string, body?: unknown) => Promise<{ readonly status: number; readonly body: Json }>
  /** The same, answered as `status code: message`. */
  readonly refused: (path: string, body?: unknown) => Promise<string>
  readonly newExperiment: (fields?: object) => Promise<string>
  readonly newRun: (experimentId: string, fields?: object) => Promise<string>
  /** What a run holds: `metrics`, `params` and `tags` where it has any. */
  readonly dataOf: (runId: string) => Promise<Record<string, readonly Entry[] | undefined>>
}

export function trackingRequests(url: string): TrackingRequests {
  let names = 0
  const ask = async (path: string, body?: unknown) => {
    const post = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const reply = await fetch(`${url}/api/2.0/mlflow/${path}`, body === undefined ? {} : post)
    return { status: reply.status, body: (await reply.json()) as Json }
  }
  return {
    ask,
    refused: async (path, body) => {
      const { status, body: answer } = await ask(path, body)
      return `${status} ${answer.error_code}: ${answer.message}`
    },
    newExperiment: async (fields = {}) => {
      const { body } = await ask('experiments/create', { name: `experiment ${names++}`, ...fields })
      return String(body.experiment_id)
    },
    newRun: async (experimentId, fields = {}) => {
      const { body } = await ask('runs/create', { experiment_id: experimentId, start_time: 1_700_000_000_000, ...fields })
      return (body.run as { info: { run_id: string } }).info.run_id
    },
    dataOf: async (runId) => {
      const { body } = await ask(`runs/get?run_id=${runId}`)
      return (body.run as { data: Record<string, readonly Entry[] | undefined> }).data
    },
  }
}

/** Entries by their keys. */
export function valuesOf(entries: readonly Entry[] = []): Json {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]))
}

/** A metric as it is logged; values that JSON has no number for are text. */
export function metric(key: string, value: number | string, step = 0, timestamp = 1) {
  return { key, value, step, timestamp }
}
