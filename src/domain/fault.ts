/**
 * A failure told to a person: one sentence (what, where, what was expected, what to do) and a stable code that
 * docs/errors.md explains. Exit code 2 says that the request was wrong, 1 that the program could not carry it out.
 */
export class Fault extends Error {
  readonly code: string
  readonly exitCode: 1 | 2

  constructor(code: string, sentence: string, options: { readonly exitCode?: 1 | 2; readonly cause?: unknown } = {}) {
    super(sentence, { cause: options.cause })
    this.name = 'Fault'
    this.code = code
    this.exitCode = options.exitCode ?? 1
  }
}

/** A fault whose cause is what the person asked for: exit code 2. */
export function wrongRequest(code: string, sentence: string): Fault {
  return new Fault(code, sentence, { exitCode: 2 })
}
