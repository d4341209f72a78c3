import { Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconMoon, IconRefresh, IconSun } from '@tabler/icons-react'
import { useIsFetching, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { BookView, SessionView } from '../../../src/api/contract.ts'
import type { Heard } from '../live/book-clock.ts'
import { type LiveView, useLive } from '../live/live-home.tsx'
import { useBookTime, useNow } from '../live/use-clock.ts'
import { Chip } from '../parts/chip.tsx'
import { duration } from '../words/figures.ts'
import { marketStateAt } from '../words/market.ts'
import { BOOK_STATES, modeText } from '../words/names.ts'
import { clockTime, exactTime } from '../words/times.ts'
import css from './frame.module.css'

/** Where one is, what the market does, whose book this is, what time it is there. */
export function Header({ title }: { readonly title: string }) {
  const { view } = useLive()
  const home = view.data?.home
  const at = useBookTime(view.data && heardIn(view.data))
  return (
    <header className={css.header}>
      <h1 className={css.heading}>{title}</h1>
      <StreamState />
      <div className={css.tools}>
        {at !== undefined && home && <MarketNow sessions={home.sessions} at={at} />}
        {home?.book && <Mode book={home.book} />}
        <time className={css.clock} title={at === undefined ? 'The clock of this book does not run yet.' : exactTime(at)}>
          {at === undefined ? '–' : clockTime(at)} <span className="muted">New York</span>
        </time>
        <Refresh />
        <SchemeToggle />
      </div>
    </header>
  )
}

function heardIn({ home: { book }, heardAt }: LiveView): Heard | 'no-book' {
  return book === null ? 'no-book' : { book, heardAt }
}

function MarketNow({ sessions, at }: { readonly sessions: readonly SessionView[]; readonly at: number }) {
  const state = marketStateAt(sessions, at)
  if (state === undefined) return null
  return (
    <span className={css.market}>
      <span className={css.dot} data-open={state.isOpen || undefined} aria-hidden="true" />
      {state.name} <span className={css.next}>· {state.next}</span>
    </span>
  )
}

function Mode({ book }: { readonly book: BookView }) {
  return (
    <span className={css.mode}>
      {book.isSimulated && (
        <Chip tone="warn" title="Every bar of this book comes from a generated market, not from an exchange.">
          SIMULATED
        </Chip>
      )}
      <Chip tone={book.kind === 'live' ? 'live' : 'accent'} title={`Book ${book.book} · ${BOOK_STATES[book.state]}`}>
        {modeText(book)}
      </Chip>
    </span>
  )
}

/** Says nothing while the stream is open; otherwise since when it is not. */
function StreamState() {
  const { connection, view } = useLive()
  const now = useNow()
  if (connection.isOpen || view.data === undefined) return null
  return (
    <span className={css.lost} role="status">
      Reconnecting · last news {duration(now - connection.lastNewsAt)} ago
    </span>
  )
}

function Refresh() {
  const client = useQueryClient()
  const isAsking = useIsFetching() > 0
  return (
    <Tool label="Read everything again" onClick={() => void client.invalidateQueries()}>
      <IconRefresh size={18} stroke={1.6} className={isAsking ? css.turning : undefined} aria-hidden="true" />
    </Tool>
  )
}

function SchemeToggle() {
  const scheme = useComputedColorScheme('dark')
  const { setColorScheme } = useMantineColorScheme()
  const other = scheme === 'dark' ? 'light' : 'dark'
  const Icon = scheme === 'dark' ? IconSun : IconMoon
  return (
    <Tool label={`Show in ${other} colours`} onClick={() => setColorScheme(other)}>
      <Icon size={18} stroke={1.6} aria-hidden="true" />
    </Tool>
  )
}

function Tool({
  label,
  onClick,
  children,
}: {
  readonly label: string
  readonly onClick: () => void
  readonly children: ReactNode
}) {
  return (
    <Tooltip label={label} openDelay={400}>
      <button type="button" className={css.tool} aria-label={label} onClick={onClick}>
        {children}
      </button>
    </Tooltip>
  )
}
