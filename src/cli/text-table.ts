/** Rows under a header, columns two spaces apart, as wide as their widest cell; the last is not padded. `right` are columns of figures. */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const last = header.length - 1
  const lineOf = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        if (right.has(column)) return cell.padStart(widths[column])
        return column === last ? cell : cell.padEnd(widths[column])
      })
      .join('  ')
      .trimEnd()
  return `${[header, ...rows].map(lineOf).join('\n')}\n`
}
