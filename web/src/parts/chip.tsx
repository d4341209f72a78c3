import type { ReactNode } from 'react'
import css from './chip.module.css'

export type Tone = 'neutral' | 'accent' | 'gain' | 'loss' | 'warn' | 'live'

/** A short word with a tone. Only live trading is filled. */
export function Chip({ tone, children, title }: { readonly tone: Tone; readonly children: ReactNode; readonly title?: string }) {
  return (
    <span className={css.chip} data-tone={tone} title={title}>
      {children}
    </span>
  )
}
