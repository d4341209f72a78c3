import { Link } from '@tanstack/react-router'
import { ofThisBook } from '../parts/of-this-book.ts'
import css from './frame.module.css'
import { Mark } from './mark.tsx'
import { PAGES } from './pages.ts'

/** The way to every page; it keeps the chosen book. A bar at the bottom on a narrow screen. */
export function Rail() {
  return (
    <nav className={css.rail} aria-label="Pages">
      <div className={css.brand}>
        <Mark />
        <span className={css.label}>Spreadworks</span>
      </div>
      <ul className={css.links}>
        {PAGES.map(({ path, title, icon: Icon }) => (
          <li key={path}>
            <Link
              to={path}
              search={ofThisBook}
              className={css.link}
              activeOptions={{ exact: path === '/', includeSearch: false }}
              title={title}
            >
              <Icon size={19} stroke={1.6} aria-hidden="true" />
              <span className={css.label}>{title}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
