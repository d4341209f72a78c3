import {
  IconAdjustments,
  IconBrain,
  IconBriefcase,
  IconDatabase,
  IconHome,
  IconMicroscope,
  IconTopologyRing2,
} from '@tabler/icons-react'

/** The pages that exist, in the rail's order. */
export const PAGES = [
  { path: '/', title: 'Home', icon: IconHome },
  { path: '/portfolio', title: 'Portfolio', icon: IconBriefcase },
  { path: '/analysis', title: 'Analysis', icon: IconMicroscope },
  { path: '/data', title: 'Data', icon: IconDatabase },
  { path: '/models', title: 'Models', icon: IconBrain },
  { path: '/flows', title: 'Flows', icon: IconTopologyRing2 },
  { path: '/settings', title: 'Settings', icon: IconAdjustments },
] as const
