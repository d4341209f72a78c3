import type { Kernel } from '#network/kernel.ts'
import type { Checker, Measured } from './reference-answer.ts'
import type { ReferenceCase } from './reference-case.ts'
import { checkClassification } from './reference-classification.ts'
import { checkDiagnostics } from './reference-diagnostics.ts'
import { checkFeatures } from './reference-features.ts'
import { checkGarch } from './reference-garch.ts'
import { checkKalman } from './reference-kalman.ts'
import { networkChecker } from './reference-network.ts'
import { checkAdf, checkCointegration, checkJohansen, checkMackinnon, checkOls } from './reference-regression.ts'
import { checkSpecial } from './reference-special.ts'
import { checkTrading } from './reference-trading.ts'
import { type Verdict, verdictOn } from './reference-verdict.ts'

export type TopicReport = {
  readonly topic: string
  readonly cases: number
  readonly passed: number
  readonly skipped: readonly { readonly reason: string; readonly cases: readonly string[] }[]
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
  /** The figure that came nearest to its bound, or went farthest beyond it; undefined where none was compared. */
  readonly worst: (Measured & { readonly name: string }) | undefined
}

export type ReferenceReport = {
  readonly topics: readonly TopicReport[]
  readonly cases: number
  readonly passed: number
  readonly skipped: number
  readonly failed: number
}

/** Every case of golden files against this machine's statistics and network; the kernel meets single precision. */
export function checkReference(cases: readonly ReferenceCase[], kernel: Kernel): ReferenceReport {
  const checkers = checkersWith(kernel)
  const byTopic = Map.groupBy(cases, ({ topic }) => topic)
  const topics = [...byTopic].map(([topic, own]) =>
    topicReport(
      topic,
      own.map((one) => verdictOn(one, checkers.get(topic) ?? unknownTopic)),
    ),
  )
  const count = (of: (report: TopicReport) => number) => topics.reduce((sum, report) => sum + of(report), 0)
  const failed = count((report) => report.failed.length)
  const passed = count((report) => report.passed)
  return { topics, cases: cases.length, passed, skipped: cases.length - passed - failed, failed }
}

function checkersWith(kernel: Kernel): ReadonlyMap<string, Checker> {
  const network = networkChecker(kernel)
  return new Map([
    ['ols', checkOls],
    ['features', checkFeatures],
    ['adf', checkAdf],
    ['mackinnon', checkMackinnon],
    ['coint', checkCointegration],
    ['johansen', checkJohansen],
    ['diagnostics', checkDiagnostics],
    ['special', checkSpecial],
    ['garch', checkGarch],
    ['kalman', checkKalman],
    ['gru', network],
    ['gru_full', network],
    ['classification', checkClassification],
    ['trading', checkTrading],
  ])
}

const unknownTopic: Checker = ({ topic }) => {
  throw new TypeError(`no function for the topic ${topic}`)
}

function topicReport(topic: string, verdicts: readonly Verdict[]): TopicReport {
  const skipped = Map.groupBy(
    verdicts.filter((verdict) => verdict.kind === 'skipped'),
    ({ reason }) => reason,
  )
  const measured = verdicts.flatMap((verdict) =>
    verdict.kind !== 'skipped' && verdict.worst ? [{ name: verdict.name, ...verdict.worst }] : [],
  )
  return {
    topic,
    cases: verdicts.length,
    passed: verdicts.filter(({ kind }) => kind === 'passed').length,
    skipped: [...skipped].map(([reason, of]) => ({ reason, cases: of.map(({ name }) => name) })),
    failed: verdicts.flatMap((verdict) => (verdict.kind === 'failed' ? [{ name: verdict.name, reason: verdict.reason }] : [])),
    worst: measured.toSorted((a, b) => b.error / b.bound - a.error / a.bound).at(0),
  }
}
