import { InvalidArgumentError } from 'commander'

/** The text without the spaces around it; an option that takes words is refused when there are none. */
export function textFrom(text: string): string {
  const words = text.trim()
  if (words !== '') return words
  throw new InvalidArgumentError('it must not be empty')
}
