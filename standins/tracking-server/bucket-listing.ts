/** Answers of an S3-compatible store, as much of their XML as artifacts need. */

export type Listing = {
  readonly folders: readonly string[]
  readonly files: readonly { readonly key: string; readonly sizeBytes: number }[]
  /** Where the next page begins; undefined on the last. */
  readonly next: string | undefined
}

/** One page of ListObjectsV2, asked for with `encoding-type=url`. */
export function listingFrom(xml: string): Listing {
  return {
    folders: elements(xml, 'CommonPrefixes').map((part) => decodedKey(element(part, 'Prefix') ?? '')),
    files: elements(xml, 'Contents').map((part) => ({
      key: decodedKey(element(part, 'Key') ?? ''),
      sizeBytes: Number(element(part, 'Size')),
    })),
    next: element(xml, 'NextContinuationToken'),
  }
}

/** The text of the first element of this name, undefined where there is none. */
export function element(xml: string, name: string): string | undefined {
  const [text] = elements(xml, name)
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] ?? '')
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>([^]*?)</${name}>`, 'g'))].map(([, text = '']) => text)
}

function decodedKey(text: string): string {
  return decodeURIComponent(text.replaceAll('+', '%20'))
}

/** The body that completes an upload of these parts. */
export function completionOf(parts: readonly { readonly number: number; readonly etag: string }[]): Uint8Array<ArrayBuffer> {
  const listed = parts
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag.replace(/[<>&]/g, '')}</ETag></Part>`)
  return new TextEncoder().encode(`<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`)
}
