import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { recursiveCusum, residualCusum } from './cusum.ts'
import { exampleWave } from './example-wave.ts'
import { residualMosum } from './mosum.ts'
import { MOSUM_CRITICAL, MOSUM_LEVELS, MOSUM_WIDTHS, simulatedIncrements } from './mosum-table.ts'
import { ols } from './ols.ts'
import { recursiveResiduals } from './recursive-residuals.ts'
import { worstError } from './reference.file.ts'

/** y = 1 + 2 x + noise, whose level rises by 0.4 at row 25. */
const x = exampleWave(40, 1.3)
const noise = exampleWave(40, 0.7)
const y = x.map((value, t) => 1 + 2 * value + 0.5 * noise[t] + (t >= 25 ? 0.4 : 0))
const ones = new Float64Array(40).fill(1)
const residualsOf = (explained: Float64Array, by: readonly Float64Array[]) => {
  const fit = ols(explained, by, { intercept: true })
  if (fit.kind !== 'fitted') throw new Error(fit.kind)
  return fit.residuals
}
const normals = (seed: number, n: number) => {
  const { normal } = randomStream(seed, 'breaks')
  return Float64Array.from({ length: n }, normal)
}
const shareBelow = (level: number, pValues: readonly number[]) => pValues.filter((p) => p < level).length / pValues.length
const pOf = (answer: ReturnType<typeof residualCusum>) => (answer.kind === 'tested' ? answer.pValue : Number.NaN)

describe('recursive residuals', () => {
  test('agree with statsmodels, and their squares sum to those of the residuals', () => {
    const found = recursiveResiduals(y, [ones, x])
    if (found.kind !== 'measured') throw new Error(found.kind)
    // statsmodels 0.13.5, recursive_olsresiduals(skip=2): rows 2, 3, 10 and 39.
    const expected = [0.19708026452498606, -0.06584385256101052, 0.2676301335949638, 0.3092008032393899]
    const told = [2, 3, 10, 39].map((row) => found.residuals[found.rows.indexOf(row)])
    expect(worstError(told, expected)).toBeLessThan(1e-10)
    expect(found.residuals.reduce((sum, e) => sum + e * e, 0)).toBeCloseTo(6.025012948871512, 10)
  })

  test('begin where the regressors first vary, and do not when they never do', () => {
    const late = x.map((value, t) => (t < 5 ? 0.3 : value))
    const found = recursiveResiduals(y, [ones, late])
    if (found.kind !== 'measured') throw new Error(found.kind)
    expect(found.residuals.length).toBe(38)
    expect([...found.rows.subarray(0, 5)]).toEqual([1, 2, 3, 4, 6])
    expect(found.residuals.reduce((sum, e) => sum + e * e, 0)).toBeCloseTo(
      residualsOf(y, [late]).reduce((sum, e) => sum + e * e, 0),
      10,
    )
    expect(recursiveResiduals(y, [ones, ones.map(() => 0.3)]).kind).toBe('collinear')
    expect(recursiveResiduals(y, [ones, x.map(() => Number.NaN)])).toEqual({ kind: 'not-finite', row: 0 })
    expect(recursiveResiduals(y.subarray(0, 2), [ones.subarray(0, 2), x.subarray(0, 2)]).kind).toBe('too-short')
  })

  test('do not change when a regressor is turned round', () => {
    const turned = recursiveResiduals(y, [ones, x.map((value) => -value)])
    expect(turned).toEqual(recursiveResiduals(y, [ones, x]))
  })

  test('keep their digits where the regressors are log prices that hardly move', () => {
    const far = x.map((value) => 400 + 1e-3 * value)
    const [near, other] = [recursiveResiduals(y, [ones, x]), recursiveResiduals(y, [ones, far])]
    if (near.kind !== 'measured' || other.kind !== 'measured') throw new Error('not measured')
    expect(worstError(other.residuals, near.residuals)).toBeLessThan(1e-6)
  })
})

describe('CUSUM', () => {
  test('of recursive residuals agrees with its definition over those of statsmodels', () => {
    const answer = recursiveCusum(y, [ones, x])
    if (answer.kind !== 'tested') throw new Error(answer.kind)
    expect(answer.statistic).toBeCloseTo(0.8506340229335446, 10)
    expect(answer.row).toBe(37)
    // 0.850 is the critical value at 10 % of Brown, Durbin & Evans (1975).
    expect(answer.pValue).toBeCloseTo(0.1, 2)
  })

  test('of residuals agrees with statsmodels', () => {
    const answer = residualCusum(residualsOf(y, [x]))
    if (answer.kind !== 'tested') throw new Error(answer.kind)
    // statsmodels 0.13.5, breaks_cusumolsresid(resid).
    expect(answer.statistic).toBeCloseTo(1.8220843510676283, 10)
    expect(answer.pValue).toBeCloseTo(0.002614099535946853, 10)
    expect(Math.abs(answer.row - 24)).toBeLessThan(2)
  })

  test('cries wolf no oftener than it says, and sees a level that moves by one deviation', () => {
    const walks = Array.from({ length: 300 }, (_, seed) => normals(seed, 150))
    const flat = new Float64Array(150).fill(1)
    expect(
      shareBelow(
        0.1,
        walks.map((e) => pOf(recursiveCusum(e, [flat]))),
      ),
    ).toBeLessThan(0.13)
    expect(
      shareBelow(
        0.1,
        walks.map((e) => pOf(residualCusum(residualsOf(e, [])))),
      ),
    ).toBeLessThan(0.13)
    const moved = walks.slice(0, 50).map((e) => e.map((value, t) => value + Number(t >= 75)))
    expect(
      shareBelow(
        0.05,
        moved.map((e) => pOf(recursiveCusum(e, [flat]))),
      ),
    ).toBeGreaterThan(0.8)
    expect(
      shareBelow(
        0.05,
        moved.map((e) => pOf(residualCusum(residualsOf(e, [])))),
      ),
    ).toBeGreaterThan(0.95)
  })

  test('refuses what leaves nothing to be explained', () => {
    expect(
      recursiveCusum(
        x.map((value) => 1 + 2 * value),
        [ones, x],
      ).kind,
    ).toBe('constant')
    expect(residualCusum(new Float64Array(9)).kind).toBe('constant')
    expect(residualCusum(new Float64Array(2)).kind).toBe('too-short')
    expect(recursiveCusum(y.subarray(0, 4), [ones.subarray(0, 4), x.subarray(0, 4)])).toEqual({
      kind: 'too-short',
      observations: 4,
      needed: 5,
    })
  })
})

describe('MOSUM', () => {
  test('the table is what its simulation gives, as far as fewer and coarser paths can tell', () => {
    const paths = 2000
    const columns = simulatedIncrements({ paths, steps: 400, random: randomStream(2, 'mosum') })
    for (const [width, level] of [
      [1, 0.1],
      [4, 0.05],
      [9, 0.5],
    ] as const) {
      // What steps five times as coarse lack: 0.5826 √2 (1/√400 − 1/√2000).
      const simulated = columns[width][Math.ceil((1 - level) * paths) - 1] + 0.0228
      expect(Math.abs(simulated - MOSUM_CRITICAL[width][MOSUM_LEVELS.indexOf(level)]), `${MOSUM_WIDTHS[width]}`).toBeLessThan(
        0.04,
      )
    }
  })

  test('cries wolf as often as it says, also between the widths of the table', () => {
    const walks = Array.from({ length: 400 }, (_, seed) => residualsOf(normals(seed, 200), []))
    for (const width of [0.1, 0.22]) {
      const share = shareBelow(
        0.1,
        walks.map((e) => pOf(residualMosum(e, { width }))),
      )
      expect(share).toBeGreaterThan(0.05)
      expect(share).toBeLessThan(0.15)
    }
  })

  test('sees a level that leaves and comes back where CUSUM seldom does, and says where', () => {
    const answers = Array.from({ length: 40 }, (_, seed) => {
      const residuals = residualsOf(
        normals(seed, 300).map((e, t) => e + (t >= 140 && t < 170 ? 1.2 : 0)),
        [],
      )
      return { moving: residualMosum(residuals, { width: 0.1 }), whole: residualCusum(residuals) }
    })
    const seen = (share: number, by: 'moving' | 'whole') =>
      shareBelow(
        share,
        answers.map((answer) => pOf(answer[by])),
      )
    expect(seen(0.01, 'moving')).toBeGreaterThan(2 * seen(0.01, 'whole'))
    const rows = answers.flatMap(({ moving }) => (moving.kind === 'tested' && moving.pValue < 0.01 ? [moving.row] : []))
    expect(rows.filter((row) => Math.abs(row - 169) < 12).length / rows.length).toBeGreaterThan(0.9)
  })

  test('refuses windows too short to say anything', () => {
    const residuals = residualsOf(normals(1, 300), [])
    expect(residualMosum(residuals.subarray(0, 20), { width: 0.1 })).toEqual({ kind: 'too-short', observations: 20, needed: 50 })
    expect(() => residualMosum(residuals, { width: 0.7 })).toThrow(RangeError)
  })
})
