import css from './switch.module.css'

type SwitchProps = {
  readonly isOn: boolean
  readonly isBusy: boolean
  /** What it switches; said by screen readers. */
  readonly label: string
  readonly onSwitch: (isOn: boolean) => void
}

/** Something that is on or off, and changes at once. */
export function Switch({ isOn, isBusy, label, onSwitch }: SwitchProps) {
  return (
    <input
      type="checkbox"
      role="switch"
      className={css.switch}
      checked={isOn}
      aria-checked={isOn}
      disabled={isBusy}
      aria-label={label}
      onChange={({ target }) => onSwitch(target.checked)}
    />
  )
}
