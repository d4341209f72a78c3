import { createHash } from 'node:crypto'

/**
 * Names for statements that are put together, so that the database plans each of them once: the same text has the same name. After `most`
 * different texts further ones have none, since every connection keeps what it has a name for, and anybody can think of new filters.
 */
export function statementNames(most: number): (text: string) => string | undefined {
  const names = new Map<string, string>()
  return (text) => {
    const known = names.get(text)
    if (known !== undefined || names.size >= most) return known
    const name = `mlflow-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
    names.set(text, name)
    return name
  }
}
