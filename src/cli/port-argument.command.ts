import { InvalidArgumentError } from 'commander'

/** A TCP port as a person types it; 0 stands for a free one. Throws InvalidArgumentError for anything else. */
export function portFrom(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('expected a whole number from 0 to 65535.')
}
