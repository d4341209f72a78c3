import { Link } from '@tanstack/react-router'
import css from './pages.module.css'

export function NotFound() {
  return (
    <p className={css.end}>
      There is no page at this address. <Link to="/">Go to Home</Link>
    </p>
  )
}
