import type { Finding } from './two-source-check.ts'

type Told = Omit<Finding, 'days'>

/** A finding as a sentence for a person who has to decide: which feed says what, when, and what it looks like. */
export function findingSentence(finding: Told): string {
  const { rule, feed, otherFeed, newPerOld } = finding
  const when = finding.from === finding.through ? `on ${finding.from}` : `from ${finding.from} through ${finding.through}`
  const stands = `${feed} stands at ${timesText(finding.factor)} ${otherFeed} ${when}`
  switch (rule) {
    case 'half-applied-split':
      return `${stands}: the ${ratioText(newPerOld)} split was applied to a part of the days only.`
    case 'invented-split':
      return `${stands}, as after a ${ratioText(newPerOld)} split that nobody else shows.`
    case 'spike':
      return `${stands}, and not on the days around.`
    case 'levels-differ':
      return `${stands}: one of them has adjusted for something that the other has not, such as a spin-off.`
    case 'stale-day':
      return `${feed} repeats the close before ${when}, while ${otherFeed} moved; it stands at ${timesText(finding.factor)} ${otherFeed}.`
    case 'shifted-days':
      return `${feed} tells ${when} what ${otherFeed} told a session before.`
    case 'empty-day':
      return `${feed} has no close ${when}, and ${otherFeed} has.`
    case 'unconfirmed-jump':
      return `${feed} moved to ${timesText(finding.factor)} its close before ${when}, and ${otherFeed} is not there to confirm it.`
    case 'minute-jump':
      return `${feed} moved to ${timesText(finding.factor)} its last believed close within a minute ${when}; it is held back from there on, until it is confirmed.`
    case 'minute-spike':
      return `${feed} moved to ${timesText(finding.factor)} its last believed close within a minute ${when}, and came back; the minutes between are held back.`
    default:
      return rule satisfies never
  }
}

function timesText(factor: number | null): string {
  return factor === null ? '?' : `${factor >= 0.1 ? factor.toFixed(2) : factor.toPrecision(2)} times`
}

function ratioText(newPerOld: number | null): string {
  if (newPerOld === null) return 'unknown'
  return newPerOld >= 1 ? `${short(newPerOld)}:1` : `1:${short(1 / newPerOld)}`
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100)
}
