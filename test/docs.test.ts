import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { REJECT_REASONS } from '#sources/files/reject-reason.ts'
import { StreamEvent } from '../src/api/contract.ts'
import { runCommandLine } from '../src/cli/command-line.command.ts'
import { unaskedProgram } from './unasked-program.ts'

const ROOT = join(import.meta.dirname, '..')
const files = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...globSync('docs/**/*.md', { cwd: ROOT }).sort(),
]
const pages = files.map((file) => ({ file, text: read(file) }))

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** Every match of `pattern` with the file that it stands in. */
function everywhere(pattern: RegExp): { readonly file: string; readonly found: string }[] {
  return pages.flatMap(({ file, text }) => [...text.matchAll(pattern)].map(([, found = '']) => ({ file, found })))
}

describe('commands', () => {
  /** Takes a command line apart and carries nothing out: whatever a command asks for rejects. */
  const unasked = () => Promise.reject(new Error('nothing is carried out here'))
  const program = unaskedProgram({ out: () => {}, err: () => {}, isWatched: false, columns: () => 80 }, unasked)
  /** Exit code 2 says that a command line is wrong; 1 that it was understood and, here, went no further. */
  const parses = async (line: string) => (await runCommandLine(wordsOf(line), program, new AbortController().signal)) !== 2

  function wordsOf(line: string): string[] {
    const [own = ''] = line.split(/ [#>|&]/, 1)
    return [...own.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '')
  }

  test('every command line in the documents is one that the program understands', async () => {
    const lines = everywhere(/\.\/spreadworks( [^`\n]+)/g)
    expect(lines.length).toBeGreaterThan(10)
    const wrong = await Promise.all(
      lines.map(async ({ file, found }) => ((await parses(found)) ? [] : [`${file}: ./spreadworks${found}`])),
    )
    expect(wrong.flat()).toEqual([])
  })

  test('every script of npm in the documents exists', () => {
    const scripts: Readonly<Record<string, string>> = JSON.parse(read('package.json')).scripts
    const asked = everywhere(/\bnpm (?:run )?(start|test|(?<=run )[a-z]+)\b/g)
    expect(asked.filter(({ found }) => !(found in scripts))).toEqual([])
  })
})

describe('links', () => {
  test('every relative link leads to a file, and to a heading of it where it names one', () => {
    const links = everywhere(/\]\(([^)\s]+)\)/g).filter(({ found }) => !/^[a-z]+:/.test(found))
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter(({ file, found }) => !leadsSomewhere(file, found))).toEqual([])
  })

  function leadsSomewhere(from: string, link: string): boolean {
    const [path = '', heading] = link.split('#', 2)
    const target = path === '' ? from : join(dirname(from), path)
    if (!existsSync(join(ROOT, target))) return false
    return heading === undefined || headingsOf(read(target)).includes(heading)
  }

  function headingsOf(text: string): string[] {
    return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s-]/gu, '')
        .replaceAll(' ', '-'),
    )
  }

  test('every page under docs is reached from docs/README.md', () => {
    const index = read('docs/README.md')
    const unreached = files.filter(
      (file) => file.startsWith('docs/') && file !== 'docs/README.md' && !index.includes(`](${file.slice(5)})`),
    )
    expect(unreached).toEqual([])
  })
})

test('docs/configuration.md has a row for every setting, with the default and the words of config/spreadworks.yaml', () => {
  let part = ''
  const rows = read('config/spreadworks.yaml')
    .split('\n')
    .flatMap((line) => {
      part = /^([a-z]+):$/.exec(line)?.[1] ?? part
      const [, name, value, words] = /^ {2}([a-z0-9_]+): (.+?) +# (.+)$/.exec(line) ?? []
      return name === undefined ? [] : [`| \`${part}.${name}\` | \`${value}\` | ${words} |`]
    })
  expect(rows.length).toBeGreaterThan(60)
  expect(read('docs/configuration.md').match(/^\| `[a-z]+\.[a-z0-9_]+` \|.*$/gm)).toEqual(rows)
})

describe('docs/api.md', () => {
  test('has every address that is served', () => {
    const served = globSync('src/api/*.route.ts', { cwd: ROOT }).flatMap((file) =>
      [...read(file).matchAll(/app\.(get|post|put|delete)\(\s*'([^']+)'/g)].map(
        ([, verb = '', path]) => `${verb.toUpperCase()} /api${path}`,
      ),
    )
    expect(served.length).toBeGreaterThan(10)
    expect(served.filter((address) => !read('docs/api.md').includes(`| \`${address}\` |`))).toEqual([])
  })

  test('has every kind of event', () => {
    const kinds = StreamEvent.options.map(({ shape }) => shape.kind.value)
    expect(kinds.filter((kind) => !read('docs/api.md').includes(`| \`${kind}\` |`))).toEqual([])
  })
})

test('docs/importing.md explains every reason for which a row is rejected', () => {
  const rows = Object.entries(REJECT_REASONS).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`)
  expect(rows.filter((row) => !read('docs/importing.md').includes(row))).toEqual([])
})

describe('the glossary of ARCHITECTURE.md', () => {
  const [, glossary = ''] = read('ARCHITECTURE.md').split('## Glossary\n')
  const words = [...glossary.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]*) \| ([^|]+) \| ([^|]+) \|$/gm)].slice(2).map((cells) => {
    const [, word = '', meaning = '', , types = '', sources = ''] = cells.map((cell) => cell.trim())
    return { word, meaning, types: namesIn(types), sources: namesIn(sources) }
  })

  function namesIn(cell: string): string[] {
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
  }

  function exportedTypes(file: string): string[] {
    return [...read(file).matchAll(/^export (?:type|interface|class) (\w+)/gm)].map(([, name = '']) => name)
  }

  test('has every type that src/domain exports', () => {
    const known = words.flatMap(({ types }) => types)
    const exported = globSync('src/domain/*.ts', { cwd: ROOT })
      .filter((file) => !file.endsWith('.test.ts'))
      .flatMap(exportedTypes)
    expect(exported.filter((name) => !known.includes(name)).sort()).toEqual([])
  })

  test('names types that its sources export', () => {
    const isThere = ({ types, sources }: (typeof words)[number]) => {
      const exported = sources.flatMap((source) => exportedTypes(join('src', source)))
      return types.every((type) => type === 'number' || exported.includes(type))
    }
    expect(words.filter((row) => !isThere(row)).map(({ word }) => word)).toEqual([])
  })

  test('is in alphabetical order', () => {
    const listed = words.map(({ word }) => word)
    expect(listed).toEqual([...listed].sort((a, b) => a.localeCompare(b, 'en')))
  })
})
