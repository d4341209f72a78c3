import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'
import css from './side-drawer.module.css'

type SideDrawerProps = { readonly title: string; readonly onClose: () => void; readonly children: ReactNode }

/** Something beside the page that is looked at or filled in, and closed again. */
export function SideDrawer({ title, onClose, children }: SideDrawerProps) {
  return (
    <Drawer.Root opened onClose={onClose} position="right" size={480} classNames={{ content: css.drawer }}>
      <Drawer.Overlay backgroundOpacity={0.5} />
      <Drawer.Content>
        {/* The library's own header would be a second banner of the page. */}
        <div className={css.head}>
          <Drawer.Title className={css.title}>{title}</Drawer.Title>
          <Drawer.CloseButton aria-label="Close" />
        </div>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  )
}
