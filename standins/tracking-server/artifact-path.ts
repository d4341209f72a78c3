/** Where artifacts may be: the paths that the proxy takes, and those that the addresses of runs and models stand for. */
import { invalid } from './refusal.ts'
import { fullyDecoded } from './url-encoding.ts'

/** As much as file systems take for one name, and object stores for one key. */
const NAME_BYTES = 255
const PATH_BYTES = 1024

/**
 * The parts of a path below the root of all artifacts, none for the root itself. Throws a Refusal for every path that could lead out of
 * the root on any system, however often it is encoded, and for one that is too long to be stored.
 */
export function partsOfPath(path: string): readonly string[] {
  if (path === '') return []
  const parts = path.split('/')
  const plain = fullyDecoded(path)
  const isUnsafe =
    // Clients refuse a folder with a # in it, and cut off what follows one.
    /[\p{Cc}\\#]/u.test(plain) ||
    /^[A-Za-z]:/.test(plain) ||
    // Dots and spaces alone: some systems leave out the ones at the end, and `.. ` is `..` there.
    plain.split('/').some((part) => /^[. ]*$/.test(part)) ||
    Buffer.byteLength(path) > PATH_BYTES ||
    parts.some((part) => Buffer.byteLength(part) > NAME_BYTES)
  if (isUnsafe) throw invalid('Invalid path')
  return parts
}

/**
 * The path below the root of all artifacts for an address such as `mlflow-artifacts:/1/abc/artifacts`, with `inner` joined to it. Throws
 * a Refusal for an address that this server does not hold, and for an unsafe path.
 */
export function pathOf(artifactUri: string, inner: string): string {
  const [, root] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*)$/s.exec(artifactUri) ?? []
  if (root === undefined) throw invalid(`The artifacts at ${artifactUri} are not kept by this server; ask for them there.`)
  partsOfPath(inner)
  return [...root.split('/'), inner].filter((part) => part !== '').join('/')
}
