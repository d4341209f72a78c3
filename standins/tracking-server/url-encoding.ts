/** `text` with its URL encoding undone until nothing is encoded any more. What is no encoding stays; what encodes no text is read byte by byte. */
export function fullyDecoded(text: string): string {
  const plain = text.replace(/(?:%[\da-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return Buffer.from(encoded.replaceAll('%', ''), 'hex').toString('latin1')
    }
  })
  return plain === text ? text : fullyDecoded(plain)
}
