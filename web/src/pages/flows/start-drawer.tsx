import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type SyntheticEvent, useState } from 'react'
import type { FlowView } from '../../../../src/api/contract.ts'
import { type Started, useBackfill, useStart } from '../../live/use-flows.ts'
import { Failure, Notice } from '../../parts/notice.tsx'
import { ofThisBook } from '../../parts/of-this-book.ts'
import { SideDrawer } from '../../parts/side-drawer.tsx'
import { flowSentences } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import { fieldsOf, textOf, valuesOf } from '../../words/request-form.ts'
import { RequestField } from './request-field.tsx'
import css from './start-drawer.module.css'

type StartDrawerProps = {
  readonly flow: FlowView
  /** What the form begins with, such as what an earlier run was asked for. */
  readonly given?: Readonly<Record<string, unknown>>
  readonly onClose: () => void
}

/** Starts a flow: a form of what it takes, for now or for each occurrence in a range of days. */
export function StartDrawer({ flow, given = {}, onClose }: StartDrawerProps) {
  const fields = fieldsOf(flow.takes)
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, textOf(value)])),
  )
  const [range, setRange] = useState<Range | undefined>(undefined)
  const begin = useBegin(flow.name, onClose)
  const submit = (event: SyntheticEvent) => {
    event.preventDefault()
    begin.ask(valuesOf(fields, texts), range)
  }
  return (
    <SideDrawer title={`Run ${wordsOf(flow.name)}`} onClose={onClose}>
      <form className={css.form} onSubmit={submit}>
        <p className="muted">{flowSentences(flow)}</p>
        {fields.map((field) => (
          <RequestField
            key={field.name}
            field={field}
            text={texts[field.name] ?? ''}
            onText={(text) => setTexts((before) => ({ ...before, [field.name]: text }))}
          />
        ))}
        {fields.length === 0 && <p className="muted">It takes no parameters.</p>}
        <RangeFields range={range} isScheduled={flow.schedule !== null} onRange={setRange} />
        {begin.error !== null && <Failure error={begin.error} onAgain={() => begin.ask(valuesOf(fields, texts), range)} />}
        <Before known={begin.known} onAgain={() => begin.again(valuesOf(fields, texts))} />
        <Button type="submit" loading={begin.isPending}>
          {range === undefined ? 'Run now' : 'Run for each'}
        </Button>
      </form>
    </SideDrawer>
  )
}

type Range = { readonly from: string; readonly through: string }
type Fields = Readonly<Record<string, unknown>>

/** Begins what the form says, and goes to the run; to the list when there are many. `known`: a run that was begun before. */
function useBegin(name: string, onClose: () => void) {
  const navigate = useNavigate()
  const start = useStart(name)
  const backfill = useBackfill(name)
  const showRun = (id: string) => void navigate({ to: '/flows/runs/$id', params: { id }, search: ofThisBook })
  const showRuns = () => {
    onClose()
    void navigate({ to: '/flows', search: (search) => ({ ...ofThisBook(search), flow: name }) })
  }
  const one = (parameters: Fields, again: boolean) =>
    start.mutate({ parameters, again }, { onSuccess: ({ id, isNew }) => (isNew ? showRun(id) : undefined) })
  return {
    error: start.error ?? backfill.error,
    isPending: start.isPending || backfill.isPending,
    known: start.data?.isNew === false ? start.data : undefined,
    again: (parameters: Fields) => one(parameters, true),
    ask: (parameters: Fields, range: Range | undefined) =>
      range === undefined ? one(parameters, false) : backfill.mutate({ ...range, parameters }, { onSuccess: showRuns }),
  }
}

function Before({ known, onAgain }: { readonly known: Started | undefined; readonly onAgain: () => void }) {
  if (known === undefined) return null
  return (
    <Notice
      tone="warn"
      title="The same run was begun before"
      action={
        <Button size="xs" variant="default" onClick={onAgain}>
          Begin another
        </Button>
      }
    >
      {known.id}
    </Notice>
  )
}

type RangeFieldsProps = {
  readonly range: Range | undefined
  readonly isScheduled: boolean
  readonly onRange: (range: Range | undefined) => void
}

function RangeFields({ range, isScheduled, onRange }: RangeFieldsProps) {
  return (
    <fieldset className={css.range}>
      <label className={css.check}>
        <input
          type="checkbox"
          checked={range !== undefined}
          onChange={({ target }) => onRange(target.checked ? { from: '', through: '' } : undefined)}
        />
        {isScheduled ? 'For each of its times in a range of days' : 'For each session in a range of days'}
      </label>
      {range !== undefined && (
        <div className={css.days}>
          {(['from', 'through'] as const).map((side) => (
            <label key={side} className={css.field}>
              <span className={css.label}>{wordsOf(side)}</span>
              <input
                type="date"
                required
                value={range[side]}
                onChange={({ target }) => onRange({ ...range, [side]: target.value })}
              />
            </label>
          ))}
        </div>
      )}
    </fieldset>
  )
}
