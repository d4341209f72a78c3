import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { AskFailed } from '../live/ask.ts'
import css from './notice.module.css'

type NoticeProps = {
  readonly tone: 'warn' | 'loss' | 'neutral'
  readonly title: string
  readonly children: ReactNode
  readonly action?: ReactNode
}

/** Something to know before the rest: what, since when, what to do. */
export function Notice({ tone, title, children, action }: NoticeProps) {
  return (
    <div className={css.notice} data-tone={tone} role={tone === 'neutral' ? 'status' : 'alert'}>
      <div className={css.words}>
        <strong>{title}</strong>
        <span>{children}</span>
      </div>
      {action}
    </div>
  )
}

/** A question that the server did not answer, with its code to search for and a way to ask again. */
export function Failure({ error, onAgain }: { readonly error: Error; readonly onAgain: () => void }) {
  const code = error instanceof AskFailed ? error.code : 'PAGE_FAILED'
  return (
    <Notice
      tone="loss"
      title="This could not be read"
      action={
        <Button size="xs" variant="default" onClick={onAgain}>
          Ask again
        </Button>
      }
    >
      {error.message} <code className={css.code}>{code}</code>
    </Notice>
  )
}
