import { Outlet, useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'
import css from './frame.module.css'
import { Header } from './header.tsx'
import { PAGES } from './pages.ts'
import { Rail } from './rail.tsx'

/** What stands around every page: rail, header, and the page below. */
export function Frame() {
  const { pathname } = useLocation()
  const title = titleAt(pathname)
  useEffect(() => {
    document.title = `${title} · Spreadworks`
  }, [title])
  return (
    <div className={css.frame}>
      <a className={css.skip} href="#page">
        Skip to the page
      </a>
      <Rail />
      <Header title={title} />
      <main id="page" className={css.page}>
        <Outlet />
      </main>
    </div>
  )
}

/** The title of the page at an address, or of the one that it is a part of. */
function titleAt(pathname: string): string {
  const page = PAGES.find(({ path }) => path === pathname || (path !== '/' && pathname.startsWith(`${path}/`)))
  return page?.title ?? 'Not found'
}
