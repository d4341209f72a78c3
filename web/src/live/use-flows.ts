import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { tell, tellFor } from './ask.ts'
import { useLive } from './live-home.tsx'

/** A run that was asked for; `isNew` is false when the same one was begun before. */
export type Started = { readonly id: string; readonly isNew: boolean }

/** Starts a rehearsal of the last recorded session at the speed that the configuration says. */
export function useRehearse() {
  return useTelling<void, void>(() => tell('/flows/rehearse/run', { parameters: {} }))
}

/** Cancels a run by its id. */
export function useCancel() {
  return useTelling((id: string) => tell(`/runs/${encodeURIComponent(id)}/cancel`, {}))
}

/** Starts a flow with what it is asked for; `again`: another run where the same one has been before. */
export function useStart(name: string) {
  return useTelling((asked: { readonly parameters: Readonly<Record<string, unknown>>; readonly again: boolean }) =>
    tellFor<Started>(`/flows/${encodeURIComponent(name)}/run`, asked),
  )
}

/** Starts a run for each occurrence from one day through another. */
export function useBackfill(name: string) {
  return useTelling(
    (asked: { readonly from: string; readonly through: string; readonly parameters: Readonly<Record<string, unknown>> }) =>
      tellFor<readonly Started[]>(`/flows/${encodeURIComponent(name)}/backfill`, asked),
  )
}

/** Lets a flow's schedule rest, or go on. */
export function usePause() {
  return useTelling(({ name, isPaused }: { readonly name: string; readonly isPaused: boolean }) =>
    tell(`/flows/${encodeURIComponent(name)}/${isPaused ? 'pause' : 'resume'}`, {}),
  )
}

/** Begins a run again from a step; from the one that failed when no place is named. */
export function useRetry(id: string) {
  return useTelling((place: number | undefined) =>
    tellFor<{ readonly id: string }>(`/runs/${encodeURIComponent(id)}/retry`, place === undefined ? {} : { place }),
  )
}

/** Reads what is shown of the flows again whenever a run begins, ends or changes its state; how far it comes is told by the stream. */
export function useFlowsFollowed(): void {
  const client = useQueryClient()
  const { view } = useLive()
  const states = view.data?.home.flows.map(({ id, state }) => `${id} ${state}`).join('\n')
  const before = useRef(states)
  useEffect(() => {
    if (before.current !== undefined && before.current !== states) void client.invalidateQueries({ queryKey: ['flows'] })
    before.current = states
  }, [client, states])
}

function useTelling<Asked, Answer>(mutationFn: (asked: Asked) => Promise<Answer>) {
  const client = useQueryClient()
  return useMutation({ mutationFn, onSuccess: () => client.invalidateQueries() })
}
