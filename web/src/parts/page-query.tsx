import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Lines } from './lines.tsx'
import { Failure } from './notice.tsx'
import css from './page-query.module.css'

type PageQueryProps<View> = {
  readonly query: UseQueryResult<View>
  readonly show: (view: View) => ReactNode
  /** Whether it fills the screen; lines of text are held to a width that can be read. */
  readonly isWide?: boolean
}

/** A page over one question: its skeleton, its failure, or what `show` makes of the answer. An older answer stays while a newer one fails. */
export function PageQuery<View>({ query, show, isWide = false }: PageQueryProps<View>) {
  return (
    <div className={css.page} data-wide={isWide || undefined}>
      {query.error !== null && <Failure error={query.error} onAgain={() => void query.refetch()} />}
      {query.data !== undefined ? show(query.data) : query.error === null && <Waiting />}
    </div>
  )
}

function Waiting() {
  return (
    <div className={css.waiting} aria-busy="true">
      <Lines widths={[96, 83, 70, 87, 74, 91, 78, 95, 82, 69, 86]} />
    </div>
  )
}
