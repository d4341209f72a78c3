import { type QueryClient, type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import type { HomeView, StreamEvent } from '../../../src/api/contract.ts'
import { applyEvent } from './apply-event.ts'
import { ask, ofBook } from './ask.ts'

/** Home's view and when, in wall time, the page last heard its clock. */
export type LiveView = { readonly home: HomeView; readonly heardAt: number }

/** Whether the stream is open, and when it last said something, in wall time. */
export type Connection = { readonly isOpen: boolean; readonly lastNewsAt: number }

type Live = {
  readonly asked: string | undefined
  readonly view: UseQueryResult<LiveView>
  readonly connection: Connection
}

const SILENT_AFTER_MS = 12_000

const LiveContext = createContext<Live | undefined>(undefined)

/** Keeps one book's view live for all below: read once, then moved on by the event stream. `book` undefined: that of first sight. */
export function LiveHome({ book, children }: { readonly book: string | undefined; readonly children: ReactNode }) {
  const view = useQuery({ queryKey: ['home', book ?? null], queryFn: () => readHome(book) })
  const connection = useStream(book, view.data?.home)
  return <LiveContext value={{ asked: book, view, connection }}>{children}</LiveContext>
}

export function useLive(): Live {
  const live = useContext(LiveContext)
  if (live === undefined) throw new Error('useLive needs a LiveHome above')
  return live
}

async function readHome(book: string | undefined): Promise<LiveView> {
  return { home: await ask<HomeView>(`/home${ofBook(book)}`), heardAt: Date.now() }
}

/** Follows the stream of the shown book. The browser itself comes back after a drop, naming the last event that it saw. */
function useStream(asked: string | undefined, home: HomeView | undefined): Connection {
  const client = useQueryClient()
  const [connection, setConnection] = useState<Connection>({ isOpen: true, lastNewsAt: Date.now() })
  const shown = home === undefined ? undefined : (home.book?.book ?? null)
  useEffect(() => {
    if (shown === undefined) return
    const held = client.getQueryData<LiveView>(['home', asked ?? null])
    const address = new URLSearchParams({ ...(shown === null ? {} : { book: shown }), after: held?.home.eventId ?? '' })
    const stream = new EventSource(`/api/events?${address}`)
    let lastNewsAt = Date.now()
    const say = (isOpen: boolean) =>
      setConnection((before) => (before.isOpen === isOpen && isOpen ? before : { isOpen, lastNewsAt }))
    stream.onmessage = ({ data }) => {
      lastNewsAt = Date.now()
      say(true)
      take(client, asked, JSON.parse(data) as StreamEvent)
    }
    stream.onerror = () => say(false)
    const watch = setInterval(() => {
      if (Date.now() - lastNewsAt > SILENT_AFTER_MS) say(false)
    }, 1_000)
    return () => {
      clearInterval(watch)
      stream.close()
    }
  }, [client, asked, shown])
  return connection
}

function take(client: QueryClient, asked: string | undefined, event: StreamEvent): void {
  const key = ['home', asked ?? null]
  if (event.kind === 'resync') void client.invalidateQueries({ queryKey: key })
  if (event.kind === 'changed') void client.invalidateQueries({ queryKey: [event.what] })
  if (event.kind === 'alerts') void client.invalidateQueries({ queryKey: ['alerts'] })
  if (event.kind === 'orders' || event.kind === 'positions') void client.invalidateQueries({ queryKey: ['portfolio'] })
  if (event.kind === 'first-sight') {
    void client.invalidateQueries({ queryKey: ['books'] })
    if (asked === undefined) void client.invalidateQueries()
  }
  client.setQueryData<LiveView>(key, (held) => held && moved(held, event))
}

function moved(held: LiveView, event: StreamEvent): LiveView {
  const home = applyEvent(held.home, event)
  if (home === held.home) return held
  return { home, heardAt: event.kind === 'book' ? Date.now() : held.heardAt }
}
