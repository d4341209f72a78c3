import { Tooltip } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { directionOf, signedMoney, signedPercent, UNKNOWN } from '../words/figures.ts'
import css from './figure-text.module.css'

type Figure<Value> = { readonly kind: 'known'; readonly value: Value } | { readonly kind: 'unknown'; readonly reason: string }

/** A figure as `show` writes it, or a dash that says on hover and focus why it is not known. */
export function FigureText<Value>({
  figure,
  show,
}: {
  readonly figure: Figure<Value>
  readonly show: (value: Value) => ReactNode
}) {
  return figure.kind === 'known' ? show(figure.value) : <Unknown reason={figure.reason} />
}

/** The dash of a figure that is not known. */
export function Unknown({ reason }: { readonly reason: string }) {
  return (
    <Tooltip label={reason} multiline maw={280} withArrow events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the reason shows on focus too */}
      <span className={css.unknown} role="note" aria-label={`Not known: ${reason}`} tabIndex={0}>
        {UNKNOWN}
      </span>
    </Tooltip>
  )
}

const MARKS = { gain: '▲', loss: '▼', flat: '' }

/** A change in money, told by sign, mark and colour. */
export function MoneyChange({ usd }: { readonly usd: string }) {
  return <Change direction={directionOf(usd)} text={signedMoney(usd)} />
}

/** A change as a fraction, told by sign, mark and colour. */
export function FractionChange({ fraction }: { readonly fraction: number }) {
  return <Change direction={directionOf(fraction * 100)} text={signedPercent(fraction)} />
}

function Change({ direction, text }: { readonly direction: 'gain' | 'loss' | 'flat'; readonly text: string }) {
  return (
    <span className={direction === 'flat' ? undefined : direction}>
      {direction !== 'flat' && (
        <span className={css.mark} aria-hidden="true">
          {MARKS[direction]}
        </span>
      )}
      {text}
    </span>
  )
}

/** Flashes briefly when `text` changes, but not when it first appears. */
export function Ticking({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  const before = useRef(text)
  const [changes, setChanges] = useState(0)
  useEffect(() => {
    if (before.current === text) return
    before.current = text
    setChanges((count) => count + 1)
  }, [text])
  return (
    <span key={changes} className={changes === 0 ? undefined : css.tick}>
      {children}
    </span>
  )
}
