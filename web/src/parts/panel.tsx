import type { ReactNode } from 'react'
import css from './panel.module.css'

type PanelProps = {
  readonly title: string
  /** Beside the title, muted: counts, ages, a link. */
  readonly aside?: ReactNode
  readonly area?: string
  readonly isStale?: boolean
  readonly children: ReactNode
}

/** One question of a page, with its title. Its body scrolls by itself; the keyboard reaches it. */
export function Panel({ title, aside, area, isStale = false, children }: PanelProps) {
  return (
    <section className={css.panel} style={area === undefined ? undefined : { gridArea: area }} aria-label={title}>
      <header className={css.head}>
        <h2 className={css.title}>{title}</h2>
        {aside !== undefined && <div className={css.aside}>{aside}</div>}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard */}
      <div className={css.body} data-stale={isStale || undefined} tabIndex={0}>
        {children}
      </div>
    </section>
  )
}

/** What stands in a panel that has nothing to show yet. */
export function Nothing({ children }: { readonly children: ReactNode }) {
  return <p className={css.nothing}>{children}</p>
}
