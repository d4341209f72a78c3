/**
 * The parameters of a query string. One that is given several times is the comma list of its values, and an empty one is
 * absent: clients of other languages write lists either way, and send what they leave unset as nothing.
 */
export function queryFrom(text: string): Readonly<Record<string, string>> {
  const values = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (value !== '') values.set(name, [...(values.get(name) ?? []), value])
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, all.join(',')]))
}
