import { Skeleton } from '@mantine/core'
import css from './lines.module.css'

/** Lines of text that are still being read; `widths` in per cent of the room. */
export function Lines({ widths }: { readonly widths: readonly number[] }) {
  return (
    <div className={css.lines}>
      {widths.map((width) => (
        <Skeleton key={width} height={12} width={`${width}%`} />
      ))}
    </div>
  )
}
