/** What the engine says: its complaints alone are told, to `onTrouble`. */
export function quietLogger(onTrouble: (message: string) => void) {
  return {
    info: () => {},
    debug: () => {},
    warn: () => {},
    error: (entry: unknown) => onTrouble(entry instanceof Error ? entry.message : String(entry)),
  }
}
