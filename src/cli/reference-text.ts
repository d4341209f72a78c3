import type { ReferenceReport, TopicReport } from '#desk/reference-report.ts'

/** A line for each topic, what was skipped and why, what failed and by how much; the sums are the last line. */
export function referenceText({ topics, cases, passed, skipped, failed }: ReferenceReport): string {
  const sums = `${cases} cases, ${passed} passed, ${skipped} skipped, ${failed} failed`
  return `${[...topics.flatMap(linesOf), sums].join('\n')}\n`
}

function linesOf({ topic, cases, passed, skipped, failed, worst }: TopicReport): string[] {
  const left = skipped.reduce((sum, { cases: names }) => sum + names.length, 0)
  const nearest =
    worst === undefined
      ? 'nothing was compared'
      : `worst error ${worst.error.toExponential(1)} of ${worst.bound.toExponential(1)} allowed (${worst.figure} of ${worst.name})`
  return [
    `${topic}: ${cases} cases, ${passed} passed, ${left} skipped, ${failed.length} failed; ${nearest}`,
    ...skipped.map(({ reason, cases: names }) => `  skipped ${names.length}, ${reason}`),
    ...failed.map(({ name, reason }) => `  FAILED ${name}: ${reason}`),
  ]
}
