import { expect, test } from 'vitest'
import { sectorListFrom, sectorsOf } from './sector-lists.ts'

test('a sector is written before its symbols, and nothing else is a list', () => {
  expect(sectorListFrom('Consumer Staples:  KO PEP')).toEqual({ sector: 'Consumer Staples', symbols: ['KO', 'PEP'] })
  expect(['', 'Energy', 'Energy:', ': XOM', 'Energy: xom', 'Energy: XOM,CVX'].map(sectorListFrom)).toEqual(
    Array(6).fill(undefined),
  )
})

test('each symbol has the sector of the last list that names it', () => {
  expect([...sectorsOf(['Energy: XOM CVX', 'Oil: CVX'])]).toEqual([
    ['XOM', 'Energy'],
    ['CVX', 'Oil'],
  ])
})
