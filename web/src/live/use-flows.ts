import { useMutation, useQueryClient } from '@tanstack/react-query'
import { tell } from './ask.ts'

/** Starts a rehearsal of the last recorded session at the speed that the configuration says. */
export function useRehearse() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => tell('/flows/rehearse', { parameters: {} }),
    onSuccess: () => client.invalidateQueries(),
  })
}

/** Cancels a run by its id. */
export function useCancel() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => tell(`/flows/${encodeURIComponent(id)}/cancel`, {}),
    onSuccess: () => client.invalidateQueries(),
  })
}
