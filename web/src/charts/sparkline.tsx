import css from './sparkline.module.css'
import { sparklinePath } from './sparkline-path.ts'

const HEIGHT = 20

type SparklineProps = {
  /** Evenly spaced, null where nothing was observed. */
  readonly values: readonly (number | null)[]
  /** What it shows, in words. */
  readonly label: string
}

/** A small line without axes, beside the figures that it belongs to. */
export function Sparkline({ values, label }: SparklineProps) {
  return (
    <svg
      className={css.line}
      viewBox={`0 0 ${values.length - 1} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={sparklinePath(values, HEIGHT)} />
    </svg>
  )
}
