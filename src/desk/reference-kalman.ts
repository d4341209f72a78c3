import { filterHedge } from '#statistics/kalman.ts'
import { answered, type Checker, refused } from './reference-answer.ts'
import { columnOf, numberOf, numbersIn } from './reference-case.ts'

export const checkKalman: Checker = (one) => {
  const [y, x] = [columnOf(one, 'y'), columnOf(one, 'x')]
  const [intercept, slope] = numbersIn(one.params.theta0)
  const path = filterHedge(y, x, {
    delta: numberOf(one, 'delta'),
    noise: numberOf(one, 've'),
    initialVariance: numberOf(one, 'p0'),
    initial: [intercept, slope],
  })
  if (path.kind !== 'filtered') return refused(path.kind)
  const { surprise, surpriseVariance } = path
  if (surpriseVariance.some((variance) => variance <= 0)) throw new Error('a variance has lost its sign')
  return answered({
    intercept: { ours: path.intercept },
    slope: { ours: path.slope },
    e: { ours: surprise },
    S: { ours: surpriseVariance, floor: 0 },
    P_last: { ours: path.covariance.flatMap((row) => [...row]) },
    loglikelihood: { ours: [path.logLikelihood], floor: 1 },
    z: { ours: surprise.map((value, t) => value / Math.sqrt(surpriseVariance[t])) },
  })
}
