import { expect, test } from 'vitest'
import { createKept } from './kept.ts'

const keeping = (limit: number) => {
  const made: string[] = []
  const kept = createKept<string, string>({
    limit,
    make: async (key) => {
      made.push(key)
      if (key === '!') throw new Error('no value')
      return key
    },
    sizeOf: (value) => value.length,
  })
  const ask = async (...keys: string[]) => {
    for (const key of keys) await kept.of(key)
    return made.join(' ')
  }
  return { kept, made, ask }
}

test('a value is made once while there is room, and the one asked for longest ago goes first', async () => {
  expect(await keeping(2).ask('a', 'b', 'a', 'c', 'a', 'b')).toBe('a b c b')
})

test('a value larger than the room is kept until the next is asked for', async () => {
  expect(await keeping(2).ask('long', 'long', 'a', 'long')).toBe('long a long')
})

test('what is asked for twice at a time is made once; what fails is asked for again', async () => {
  const { kept, made } = keeping(5)
  await Promise.all([kept.of('a'), kept.of('a')])
  await expect(kept.of('!')).rejects.toThrow('no value')
  await expect(kept.of('!')).rejects.toThrow('no value')
  expect(made).toEqual(['a', '!', '!'])
})
