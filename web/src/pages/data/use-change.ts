import { useMutation, useQueryClient } from '@tanstack/react-query'
import { tell } from '../../live/ask.ts'

/** Changes what is traded, and reads the page's data again. */
export function useChange() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ path, body }: { readonly path: string; readonly body: object }) => tell(path, body),
    onSuccess: () => client.invalidateQueries({ queryKey: ['data'] }),
  })
}
