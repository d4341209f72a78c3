import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import type { FlowView } from '../../../../src/api/contract.ts'
import { RUN_STATES } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import css from './flows.module.css'
import { type FlowsSearch, flowsSearchFrom } from './search.ts'

const SETTLED_AFTER_MS = 300

/** Which runs are listed: by flow, state, days, tag and fact. The address keeps it. */
export function RunSearch({ flows }: { readonly flows: readonly FlowView[] }) {
  const search = useSearch({ from: '/flows' })
  const navigate = useNavigate({ from: '/flows' })
  const narrow = (part: Readonly<Record<string, unknown>>) =>
    void navigate({
      search: ({ offset: _, ...before }) => ({
        ...flowsSearchFrom({ ...before, ...part }),
        ...(before.book && { book: before.book }),
      }),
      replace: true,
      resetScroll: false,
    })
  const tags = [...new Set(flows.flatMap((flow) => flow.tags))].sort()
  return (
    <search className={css.search} aria-label="Runs">
      <Choice label="Flow" value={search.flow} options={flows.map(({ name }) => name)} onChoice={(flow) => narrow({ flow })} />
      <Choice label="State" value={search.state} options={RUN_STATES} onChoice={(state) => narrow({ state })} />
      <Choice label="Tag" value={search.tag} options={tags} onChoice={(tag) => narrow({ tag })} />
      <Labelled label="From">
        <input type="date" value={search.since ?? ''} onChange={({ target }) => narrow({ since: target.value })} />
      </Labelled>
      <Labelled label="Through">
        <input type="date" value={search.until ?? ''} onChange={({ target }) => narrow({ until: target.value })} />
      </Labelled>
      <FactField key={search.fact ?? ''} fact={search.fact} onFact={(fact) => narrow({ fact })} />
      <label className={css.check}>
        <input
          type="checkbox"
          checked={search.children === true}
          onChange={({ target }) => narrow({ children: target.checked })}
        />
        Parts of others too
      </label>
    </search>
  )
}

type ChoiceProps = {
  readonly label: string
  readonly value: string | undefined
  readonly options: readonly string[]
  readonly onChoice: (value: string) => void
}

function Choice({ label, value = '', options, onChoice }: ChoiceProps) {
  return (
    <Labelled label={label}>
      <select value={value} onChange={({ target }) => onChoice(target.value)}>
        <option value="">Any</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {wordsOf(option)}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

/** Taken once typing rests and it is whole: `name=value`. */
function FactField({ fact = '', onFact }: { readonly fact: FlowsSearch['fact']; readonly onFact: (fact: string) => void }) {
  const [text, setText] = useState(fact)
  useEffect(() => {
    const isWhole = text === '' || /^[^=]+=.+$/.test(text)
    if (text === fact || !isWhole) return
    const settled = setTimeout(() => onFact(text), SETTLED_AFTER_MS)
    return () => clearTimeout(settled)
  })
  return (
    <Labelled label="Fact">
      <input
        type="search"
        value={text}
        placeholder="pair=XOM-CVX"
        onChange={({ target }) => setText(target.value)}
        size={14}
        spellCheck={false}
      />
    </Labelled>
  )
}

function Labelled({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label className={css.labelled}>
      <span>{label}</span>
      {children}
    </label>
  )
}
