/** The search of a link that leads elsewhere and keeps the chosen book alone. */
export function ofThisBook({ book }: { readonly book?: string }): { book?: string } {
  return book === undefined ? {} : { book }
}
