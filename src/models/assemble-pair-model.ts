import { Fault } from '#domain/fault.ts'
import { nameOf } from '#domain/pair.ts'
import type { TrainedNetwork } from '#network/training.ts'
import type { PairModel } from './pair-model.ts'
import { classificationScores, type ModelScores } from './scores.ts'
import { type TradingRules, tradingScore } from './trading-score.ts'
import type { TrainingContext } from './training-set.ts'

/**
 * The pair's model: what it was prepared with, the trained network, and its scores on the test part alone. Throws
 * TRAINING_DIVERGED when the losses were not numbers from the first epoch on, so that there are no weights to keep.
 */
export function assemblePairModel(context: TrainingContext, trained: TrainedNetwork, trading: TradingRules): PairModel {
  const { pair, hedge, halfLifeBars, spreadMean, spreadDeviation, variance, scaler, shape, trainedOn, seed, split } = context
  const { history, bestEpoch, stoppedBecause, weights, kernel } = trained
  if (bestEpoch < 0) throw diverged(nameOf(pair))
  return {
    pair,
    hedge,
    spreadMean,
    spreadDeviation,
    halfLifeBars,
    variance,
    scaler,
    shape,
    weights,
    scores: scoresOf(context, trained, trading),
    training: {
      trainLoss: history.map(({ trainLoss }) => trainLoss),
      validationLoss: history.map(({ validationLoss }) => validationLoss),
      bestEpoch,
      stoppedBecause,
      trainWindows: split.trainEnds.length,
      validationWindows: split.validationEnds.length,
    },
    trainedOn,
    seed,
    kernel,
  }
}

function scoresOf(context: TrainingContext, { testProbabilities }: TrainedNetwork, trading: TradingRules): ModelScores {
  const { split, labels, spread, hedge, trainedOn } = context
  const testLabels = Uint8Array.from(split.testEnds, (end) => labels[end])
  const { beta } = hedge
  const { timeframe } = trainedOn
  const traded = { spread, beta, timeframe, rows: split.testEnds, probabilities: testProbabilities }
  return { ...classificationScores(testLabels, testProbabilities), ...tradingScore(traded, trading) }
}

function diverged(pair: string): Fault {
  const sentence = `The network of ${pair} diverged in its first epoch: set a lower model.learning_rate and train again.`
  return new Fault('TRAINING_DIVERGED', sentence)
}
