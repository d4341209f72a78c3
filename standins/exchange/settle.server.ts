/** A stream that can tell whether any of its clients lags behind, and hang up on those that do. */
type Stream = { readonly isBehind: () => boolean; readonly cutOff: () => void }

/**
 * Resolves when the streams can take more. A client that has not caught up after `patienceMs` is cut off, so that none holds
 * the replay, or the memory, longer than that.
 */
export async function settle(streams: readonly Stream[], patienceMs: number): Promise<void> {
  const since = performance.now()
  while (streams.some((stream) => stream.isBehind())) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    if (performance.now() - since > patienceMs) for (const stream of streams) stream.cutOff()
  }
}
