import type { ImportedFile, ImportReport } from '#market/import-report.ts'

/** The report of an import for a person: a line a file, what was rejected and why, and the sums. */
export function importText({ files, rows, seconds, rowsPerSecond, feed }: ImportReport): string {
  const sums = `${count(rows.new)} new bars in feed '${feed}' (${count(rows.read)} rows read, ${count(rows.alreadyStored)} stored before, ${count(rows.repeated)} repeated, ${count(rows.rejected)} rejected) in ${seconds.toFixed(1)} s, ${count(rowsPerSecond)} rows/s`
  return `${[...files.flatMap(linesOf), sums].join('\n')}\n`
}

function linesOf(file: ImportedFile): string[] {
  switch (file.kind) {
    case 'imported':
      return [
        `${file.path}: ${count(file.rows.new)} new ${file.timeframe} bars of ${file.symbols} symbols, ${file.from ?? 'none'} to ${file.through ?? 'none'}`,
        ...file.rejected.map(({ rows, meaning, examples }) => `  rejected ${count(rows)}: ${meaning}${exampleOf(examples)}`),
        ...(file.rejectsFile === undefined ? [] : [`  rejected rows are kept in ${file.rejectsFile}`]),
        ...file.observations.map(
          ({ count: times, meaning, examples }) =>
            `  note: ${count(times)} ${meaning}${examples.length === 0 ? '' : ` (${examples.join('; ')})`}`,
        ),
      ]
    case 'already-imported':
      return [`${file.path}: imported before, nothing to do`]
    case 'symbols':
      return [`${file.path}: ${file.symbols} symbols, ${file.changed} changed`]
    case 'refused':
      return [`${file.path}: refused. ${file.sentence} (${file.code})`]
    default:
      return file satisfies never
  }
}

function exampleOf(examples: readonly { readonly line: number; readonly text: string }[]): string {
  const [first] = examples
  return first === undefined ? '' : ` (line ${first.line}: ${first.text})`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
