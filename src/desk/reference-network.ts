import { z } from 'zod'
import type { Kernel } from '#network/kernel.ts'
import { adamStart, adamStep, differentiate, probabilityOf } from '#network/reference.ts'
import { gruForward } from '#network/reference-gru.ts'
import { layoutOf } from '#network/shape.ts'
import { type Answer, answered, type Checker, type Figure } from './reference-answer.ts'
import { numbersIn, type ReferenceCase } from './reference-case.ts'
import {
  boundOf,
  isSinglePrecision,
  type Network,
  namedInOrder,
  networkOf,
  openOnKernel,
  SINGLE_BOUND,
  summaryOf,
} from './reference-network-case.ts'
import { checkAdamAlone, checkLayer, checkLoss, checkSigmoid } from './reference-network-parts.ts'

/** Told apart by what goes in: probabilities, logits, plain gradients, a mask, a layer or a network. */
export function networkChecker(kernel: Kernel): Checker {
  return (one) => {
    const { input, params, expected } = one
    if ('p' in input) return checkLoss(one)
    if ('z' in input) return checkSigmoid(one)
    if ('param0' in input) return checkAdamAlone(one)
    if ('hidden' in params) return checkLayer(one)
    if ('steps' in expected) return checkSteps(one, kernel)
    if ('step_losses' in expected) return checkTraining(one, kernel)
    if ('state' in input) return checkNetwork(one, kernel)
    throw new TypeError(`no function for the figures ${Object.keys(expected).join(', ')}`)
  }
}

/** Whatever the case's precision, the plain network meets it at its rounding and the kernel at 1e-5. */
function checkNetwork(one: ReferenceCase, kernel: Kernel): Answer {
  const network = networkOf(one)
  const { shape, weights, examples } = network
  const { loss, gradient, inputs, probabilities } = differentiate(shape, weights, examples)
  const bound = boundOf(one)
  const figure = (ours: ArrayLike<number>): Figure => ({ ours, bound, floor: 1 })
  const layers = layerOutputs(network)
  const available: Record<string, Figure> = {
    output: figure(probabilities),
    loss: figure([loss]),
    grad: { ...figure(gradient), theirs: numbersIn(namedInOrder(one.expected.grad)) },
    grad_input: figure(inputs.flatMap((input) => [...input])),
    gru1_output: figure(layers.flatMap(([first]) => [...first])),
    gru1_output_dropped: figure(layers.flatMap(([, dropped]) => [...dropped])),
    gru2_output: figure(layers.flatMap(([, , second]) => [...second])),
    gru1_last: figure(layers.flatMap(([first]) => [...first.slice(-shape.hidden[0])])),
    gru2_last: figure(layers.flatMap(([, , second]) => [...second.slice(-shape.hidden[1])])),
    grad_fc_weight: figure(gradient.slice(layoutOf(shape).denseWeights, layoutOf(shape).denseBias)),
    grad_fc_bias: figure(gradient.slice(layoutOf(shape).denseBias)),
    grad_summary: { ...figure(summaryOf(one.expected.grad_summary, shape, gradient)) },
  }
  const figures = Object.fromEntries(Object.entries(available).filter(([key]) => key in one.expected))
  return answered({ ...figures, ...kernelFigures(one, network, kernel) })
}

/** Outputs of each window: of the first layer, the same after its mask, and of the second. */
function layerOutputs({ shape, weights, examples }: Network): [Float64Array, Float64Array, Float64Array][] {
  const [first, second] = layoutOf(shape).layers
  return examples.map(({ window, masks }) => {
    const one = gruForward({ layout: first, weights }, window, new Float64Array(first.hidden)).states.subarray(first.hidden)
    const mask = masks?.[0]
    const dropped = mask ? one.map((value, i) => value * mask[i]) : one
    const two = gruForward({ layout: second, weights }, dropped, new Float64Array(second.hidden)).states.subarray(second.hidden)
    return [one, dropped, two]
  })
}

/** A mask cannot be handed to the kernel, which draws its own. */
function kernelFigures(one: ReferenceCase, network: Network, kernel: Kernel): Record<string, Figure> {
  const { examples, shape } = network
  if (examples.some(({ masks, label }) => masks !== undefined || (label !== 0 && label !== 1))) return {}
  const opened = openOnKernel(network, kernel)
  const loss = opened.differentiate({ first: 0, count: examples.length }, 0) / examples.length
  const gradients = Float64Array.from(opened.gradients())
  const { denseWeights } = layoutOf(shape)
  const tail = one.expected.grad === undefined ? [one.expected.grad_fc_weight, one.expected.grad_fc_bias] : undefined
  return {
    'output (kernel)': {
      ours: opened.probabilities(examples.length),
      theirs: numbersIn(one.expected.output),
      bound: SINGLE_BOUND,
      floor: 1,
    },
    'loss (kernel)': { ours: [loss], theirs: numbersIn(one.expected.loss), bound: SINGLE_BOUND, floor: 1 },
    'gradient (kernel)': {
      ours: tail === undefined ? gradients : gradients.slice(denseWeights),
      theirs: tail === undefined ? numbersIn(namedInOrder(one.expected.grad)) : numbersIn(tail),
      bound: SINGLE_BOUND,
      floor: 1,
    },
  }
}

const Steps = z.array(z.object({ loss_before: z.number(), grad: z.unknown(), state_after: z.unknown() }))

function checkSteps(one: ReferenceCase, kernel: Kernel): Answer {
  const network = networkOf(one)
  const steps = Steps.parse(one.expected.steps)
  const rates = { learningRate: Number(one.params.lr), weightDecay: Number(one.params.weight_decay ?? 0) }
  const weights = network.weights.slice()
  let state = adamStart(weights.length)
  const ours = steps.map(() => {
    const { loss, gradient } = differentiate(network.shape, weights, network.examples)
    state = adamStep(weights, { gradient, state }, rates)
    return { loss, gradient, weights: weights.slice() }
  })
  const flat = (of: (step: (typeof ours)[number]) => ArrayLike<number>) => ours.flatMap((step) => Array.from(of(step)))
  const bound = boundOf(one)
  return answered(
    {
      loss: { ours: flat(({ loss }) => [loss]), theirs: steps.map(({ loss_before }) => loss_before), bound, floor: 1 },
      gradient: {
        ours: flat(({ gradient }) => gradient),
        theirs: numbersIn(steps.map(({ grad }) => namedInOrder(grad))),
        bound,
        floor: 1,
      },
      weights: {
        ours: flat((step) => step.weights),
        theirs: numbersIn(steps.map(({ state_after }) => namedInOrder(state_after))),
        bound,
        floor: 1,
      },
      ...(rates.weightDecay === 0 ? kernelSteps({ network, kernel, learningRate: rates.learningRate }, steps) : {}),
    },
    ['steps'],
  )
}

type OnKernel = { readonly network: Network; readonly kernel: Kernel; readonly learningRate: number }

/** The kernel's step of Adam knows no weight decay. */
function kernelSteps({ network, kernel, learningRate }: OnKernel, steps: z.output<typeof Steps>): Record<string, Figure> {
  const opened = openOnKernel(network, kernel)
  const count = network.examples.length
  const losses = steps.map((_, i) => opened.train({ first: 0, count }, 0, { learningRate, step: i + 1 }) / count)
  return {
    'loss (kernel)': { ours: losses, theirs: steps.map(({ loss_before }) => loss_before), bound: SINGLE_BOUND, floor: 1 },
    'weights (kernel)': {
      ours: opened.weights(),
      theirs: numbersIn(namedInOrder(steps[steps.length - 1].state_after)),
      bound: SINGLE_BOUND,
      floor: 1,
    },
  }
}

/** Mini-batches in order: double precision by the plain network, single precision by the kernel. */
function checkTraining(one: ReferenceCase, kernel: Kernel): Answer {
  const network = networkOf(one)
  const trained = isSinglePrecision(one) ? trainedOnKernel(one, network, kernel) : trainedPlainly(one, network)
  const bound = boundOf(one)
  return answered({
    step_losses: { ours: trained.losses, bound, floor: 1 },
    final_output: { ours: trained.outputs, bound, floor: 1 },
    final_state_summary: { ours: summaryOf(one.expected.final_state_summary, network.shape, trained.weights), bound, floor: 1 },
  })
}

type Trained = { readonly losses: readonly number[]; readonly outputs: ArrayLike<number>; readonly weights: Float64Array }

function trainedPlainly(one: ReferenceCase, { shape, weights, examples }: Network): Trained {
  const rates = { learningRate: Number(one.params.lr), weightDecay: 0 }
  let state = adamStart(weights.length)
  const losses = batchesOf(one, examples.length).map(({ first, count }) => {
    const { loss, gradient } = differentiate(shape, weights, examples.slice(first, first + count))
    state = adamStep(weights, { gradient, state }, rates)
    return loss
  })
  return { losses, outputs: examples.map(({ window }) => probabilityOf(shape, weights, window)), weights }
}

function trainedOnKernel(one: ReferenceCase, network: Network, kernel: Kernel): Trained {
  const opened = openOnKernel(network, kernel)
  const learningRate = Number(one.params.lr)
  const losses = batchesOf(one, network.examples.length).map(
    (slice, i) => opened.train(slice, 0, { learningRate, step: i + 1 }) / slice.count,
  )
  opened.evaluate({ first: 0, count: network.examples.length })
  return { losses, outputs: opened.probabilities(network.examples.length), weights: Float64Array.from(opened.weights()) }
}

function batchesOf({ params }: ReferenceCase, windows: number): { readonly first: number; readonly count: number }[] {
  const batch = Number(params.batch)
  const epoch = Array.from({ length: Math.ceil(windows / batch) }, (_, i) => ({
    first: i * batch,
    count: Math.min(batch, windows - i * batch),
  }))
  return Array.from({ length: Number(params.epochs) }, () => epoch).flat()
}
