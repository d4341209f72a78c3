import { useId } from 'react'
import { wordsOf } from '../../words/names.ts'
import type { FormField } from '../../words/request-form.ts'
import css from './start-drawer.module.css'

type RequestFieldProps = { readonly field: FormField; readonly text: string; readonly onText: (text: string) => void }

/** One field of what a flow is asked for: its name, how it is filled in, what it means. */
export function RequestField({ field, text, onText }: RequestFieldProps) {
  const id = useId()
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {wordsOf(field.name)}
      </label>
      <Control id={id} field={field} text={text} onText={onText} />
      {field.meaning !== '' && (
        <span className={css.meaning} id={`${id}-meaning`}>
          {field.meaning}.
        </span>
      )}
    </div>
  )
}

const INPUT_TYPES: Readonly<Record<'text' | 'number' | 'word-or-number' | 'date' | 'list', string>> = {
  text: 'text',
  number: 'number',
  'word-or-number': 'text',
  date: 'date',
  list: 'text',
}

function Control({ id, field, text, onText }: RequestFieldProps & { readonly id: string }) {
  const shared = { id, value: text, 'aria-describedby': `${id}-meaning`, spellCheck: false }
  switch (field.kind) {
    case 'choice':
    case 'flag':
      return (
        <select {...shared} onChange={({ target }) => onText(target.value)}>
          <option value="">{field.otherwise === '' ? 'As the flow decides' : wordsOf(field.otherwise)}</option>
          {(field.kind === 'flag' ? ['true', 'false'] : field.options).map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      )
    case 'json':
      return <textarea {...shared} rows={3} placeholder={field.otherwise} onChange={({ target }) => onText(target.value)} />
    default:
      return (
        <input
          {...shared}
          type={INPUT_TYPES[field.kind]}
          step="any"
          placeholder={placeholderOf(field)}
          onChange={({ target }) => onText(target.value)}
        />
      )
  }
}

function placeholderOf({ kind, otherwise }: FormField): string {
  if (otherwise !== '') return otherwise
  return kind === 'list' ? 'separated by commas' : ''
}
