import type { FlowRun, FlowView, LogLine, RunDetail, RunList } from '#desk/flow-views.ts'

type Progress = { readonly done: number; readonly total: number | undefined; readonly unit: string; readonly sentence: string }

/** What a flow is to be asked for: words as they were typed (`name=value`), or the fields as JSON. */
export type FlowFields =
  | { readonly kind: 'words'; readonly words: readonly (readonly [string, string])[] }
  | { readonly kind: 'json'; readonly fields: Readonly<Record<string, unknown>> }

export type FlowRunRequest = {
  readonly name: string
  readonly fields: FlowFields
  /** Begin another run where the same one has been before. */
  readonly isAgain: boolean
  /** Stay until it has ended. Without a live worker that is so in any case, since this process then becomes one. */
  readonly isWaited: boolean
}

/** A run that was asked for; `run` as it ended, undefined when it was not waited for. */
export type AskedRun = { readonly id: string; readonly isNew: boolean; readonly run: FlowRun | undefined }

export type RunsRequest = {
  readonly flow: string | undefined
  readonly states: readonly FlowRun['state'][]
  /** Begun in [since, until), epoch ms. */
  readonly since: number | undefined
  readonly until: number | undefined
  readonly tag: string | undefined
  readonly facts: Readonly<Record<string, string>>
  readonly withChildren: boolean
  readonly limit: number
  readonly offset: number
}

export type LogsRequest = { readonly runId: string; readonly limit: number; readonly level: LogLine['level'] }

/** What the commands about flows are made of. */
export type FlowProgram = {
  readonly flows: () => Promise<readonly FlowView[]>
  /** Starts a flow. An interruption while it waits cancels the run. */
  readonly run: (request: FlowRunRequest, onProgress: (progress: Progress) => void, signal: AbortSignal) => Promise<AskedRun>
  readonly setPaused: (name: string, isPaused: boolean) => Promise<FlowView>
  readonly backfill: (
    name: string,
    range: { readonly from: string; readonly through: string },
    fields: FlowFields,
  ) => Promise<readonly { readonly id: string; readonly isNew: boolean }[]>
  readonly runs: (request: RunsRequest) => Promise<RunList>
  readonly show: (runId: string) => Promise<RunDetail>
  /** The newest lines, ascending; with `follow`, also each that is written until the run ends or the person interrupts. */
  readonly logs: (
    request: LogsRequest,
    told: { readonly onLines: (lines: readonly LogLine[]) => void; readonly isFollowed: boolean },
    signal: AbortSignal,
  ) => Promise<void>
  readonly cancel: (runId: string) => Promise<void>
  /** Begins again from a step, by its name or place; from the one that failed when none is named. */
  readonly retry: (runId: string, step: string | undefined) => Promise<{ readonly id: string }>
}
