import { expect, test } from 'vitest'
import { inGroups } from './in-groups.ts'

function gate() {
  const groups: number[][] = []
  const open: (() => void)[] = []
  const carryOut = async (items: readonly number[]) => {
    groups.push([...items])
    await new Promise<void>((resolve) => open.push(resolve))
    if (items.includes(13)) throw new Error('thirteen')
    return items.map((item) => item * 10)
  }
  const openAll = async () => {
    for (let turn = 0; turn < 20; turn++) {
      open.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { groups, carryOut, openAll }
}

test('what is asked while a group is under way shares the next one, and each asker has its own answer', async () => {
  const { groups, carryOut, openAll } = gate()
  const ask = inGroups({ carryOut, keyOf: (item) => item, largest: 3 })
  const answers = Promise.all([1, 2, 3, 4, 5].map(ask))
  await openAll()
  expect({ answers: await answers, groups }).toEqual({ answers: [10, 20, 30, 40, 50], groups: [[1], [2, 3, 4], [5]] })
})

test('items of one key come one after the other, in their order', async () => {
  const { groups, carryOut, openAll } = gate()
  const ask = inGroups({ carryOut, keyOf: (item) => item % 2, largest: 9 })
  const answers = Promise.all([0, 1, 3, 2, 5, 4].map(ask))
  await openAll()
  await answers
  expect(groups).toEqual([[0], [1, 2], [3, 4], [5]])
})

test('nobody fails for the fault of another in its group', async () => {
  const { carryOut, openAll } = gate()
  const ask = inGroups({ carryOut, keyOf: (item) => item, largest: 9 })
  const answers = Promise.allSettled([1, 2, 13, 4].map(ask))
  await openAll()
  expect((await answers).map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual([
    10,
    20,
    'Error: thirteen',
    40,
  ])
})
