/**
 * Seeded random streams. The same seed and labels give the same numbers on every machine, so randomness is an
 * argument like any other. Streams of different labels are independent for all that we do with them.
 *
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded by FNV-1a over the labels and mixed by 16 discarded draws.
 */
export type RandomStream = {
  /** Uniform in [0, 1), 32 bits. */
  readonly uniform: () => number
  /** Standard normal, by Box–Muller. */
  readonly normal: () => number
  /** Whole number in [0, below). */
  readonly below: (below: number) => number
}

export function randomStream(seed: number, ...labels: readonly (string | number)[]): RandomStream {
  const next = sfc32(seedWords(`${seed}\u0000${labels.join('\u0000')}`))
  const uniform = () => next() / 4_294_967_296
  let spare = Number.NaN
  const normal = () => {
    if (!Number.isNaN(spare)) {
      const kept = spare
      spare = Number.NaN
      return kept
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  return { uniform, normal, below: (below) => Math.floor(uniform() * below) }
}

function seedWords(text: string): [number, number, number, number] {
  const word = (offset: number) => {
    let hash = (0x811c9dc5 ^ offset) >>> 0
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
    return hash
  }
  return [word(0), word(0x9e3779b9), word(0x85ebca6b), 1]
}

function sfc32([a, b, c, counter]: [number, number, number, number]): () => number {
  const draw = () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 16; i++) draw()
  return draw
}
