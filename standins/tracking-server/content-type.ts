const TEXT = 'text/plain; charset=utf-8'
const TYPES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['txt', 'log', 'md', 'py', 'yaml', 'yml', 'json', 'csv', 'tsv', 'toml', 'ini', 'cfg'].map((ext) => [ext, TEXT]),
  ),
  html: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  pdf: 'application/pdf',
}

/** The media type that a file's name speaks for; bytes for a name that says nothing. */
export function contentTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name === 'MLmodel' || name === 'MLproject') return TEXT
  return TYPES[/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream'
}
