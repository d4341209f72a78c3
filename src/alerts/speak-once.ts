/**
 * Waits for a look that a loop makes again and again, and lets none of its failures out: of several in a row the first is told,
 * after `what`, so that a database that is away for an hour is one sentence and not 3,600.
 */
export function speakOnce(onTrouble: (sentence: string) => void, what: string): (look: Promise<void>) => Promise<void> {
  let isTold = false
  return async (look) => {
    try {
      await look
      isTold = false
    } catch (failure) {
      if (!isTold) onTrouble(`${what}: ${failure instanceof Error ? failure.message : String(failure)}`)
      isTold = true
    }
  }
}
