/** Error codes of MLflow's REST protocol with the HTTP status that its clients expect beside each. */
const STATUS = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  ABORTED: 409,
  UNAUTHENTICATED: 401,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
  INTERNAL_ERROR: 500,
} as const

export type RefusalCode = keyof typeof STATUS

/** A request that the protocol refuses: `{"error_code", "message"}` with the code's HTTP status. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly status: number

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.status = STATUS[code]
  }
}

export function missing(kind: string, id: string): Refusal {
  return new Refusal('RESOURCE_DOES_NOT_EXIST', `${kind} '${id}' not found`)
}

export function invalid(message: string): Refusal {
  return new Refusal('INVALID_PARAMETER_VALUE', message)
}
