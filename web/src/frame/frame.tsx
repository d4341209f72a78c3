import { Outlet, useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'
import css from './frame.module.css'
import { Header } from './header.tsx'
import { PAGES } from './pages.ts'
import { Rail } from './rail.tsx'

/** What stands around every page: rail, header, and the page below. */
export function Frame() {
  const { pathname } = useLocation()
  const title = PAGES.find((page) => page.path === pathname)?.title ?? 'Not found'
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
