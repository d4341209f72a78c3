import { createRootRoute, createRoute, createRouter, lazyRouteComponent, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { Frame } from './frame/frame.tsx'
import { LiveHome } from './live/live-home.tsx'
import { flowsSearchFrom } from './pages/flows/search.ts'
import { Home } from './pages/home/home.tsx'
import { NotFound } from './pages/not-found.tsx'

const WhyDrawer = lazy(() => import('./parts/why-drawer.tsx'))

/** What every address may say: whose book, and which order is asked why. */
type Search = { readonly book?: string; readonly why?: string }

const root = createRootRoute({
  validateSearch: ({ book, why }: Record<string, unknown>): Search => ({
    ...(typeof book === 'string' ? { book } : {}),
    ...(typeof why === 'string' ? { why } : {}),
  }),
  component: Root,
  notFoundComponent: NotFound,
})

function Root() {
  const { book, why } = root.useSearch()
  const navigate = useNavigate()
  const close = () => void navigate({ to: '.', search: ({ why: _, ...rest }) => rest })
  return (
    <LiveHome book={book}>
      <Frame />
      {why !== undefined && (
        <Suspense>
          <WhyDrawer order={why} onClose={close} />
        </Suspense>
      )}
    </LiveHome>
  )
}

const home = createRoute({ getParentRoute: () => root, path: '/', component: Home })
const portfolio = createRoute({
  getParentRoute: () => root,
  path: '/portfolio',
  component: lazyRouteComponent(() => import('./pages/portfolio.tsx')),
})
const analysis = createRoute({
  getParentRoute: () => root,
  path: '/analysis',
  component: lazyRouteComponent(() => import('./pages/analysis.tsx')),
})
const data = createRoute({
  getParentRoute: () => root,
  path: '/data',
  component: lazyRouteComponent(() => import('./pages/data.tsx')),
})
const models = createRoute({
  getParentRoute: () => root,
  path: '/models',
  component: lazyRouteComponent(() => import('./pages/models.tsx')),
})
const flows = createRoute({
  getParentRoute: () => root,
  path: '/flows',
  validateSearch: flowsSearchFrom,
  component: lazyRouteComponent(() => import('./pages/flows.tsx')),
})
const flowRun = createRoute({
  getParentRoute: () => root,
  path: '/flows/runs/$id',
  component: lazyRouteComponent(() => import('./pages/flows/run-page.tsx')),
})
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings.tsx')),
})

export const router = createRouter({
  routeTree: root.addChildren([home, portfolio, analysis, data, models, flows, flowRun, settings]),
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
