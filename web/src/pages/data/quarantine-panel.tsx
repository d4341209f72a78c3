import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { QuarantineView } from '../../../../src/api/contract.ts'
import { ask } from '../../live/ask.ts'
import { Lines } from '../../parts/lines.tsx'
import { Failure } from '../../parts/notice.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { Switch } from '../../parts/switch.tsx'
import { count } from '../../words/figures.ts'
import css from './quarantine.module.css'
import { QuarantineEntry } from './quarantine-entry.tsx'
import { SourceAges } from './source-ages.tsx'

/** Which bars are held back until a person decides, and do the sources answer? */
export function QuarantinePanel() {
  const [isWhole, setWhole] = useState(false)
  const quarantine = useQuery({
    queryKey: ['data', 'quarantine', isWhole],
    queryFn: () => ask<QuarantineView>(`/quarantine?all=${isWhole}`),
    placeholderData: (before) => before,
  })
  const view = quarantine.data
  const waiting = view?.entries.filter(({ state }) => state === 'held').length
  return (
    <Panel title="Quarantine" aside={waiting === undefined ? undefined : `${count(waiting)} to decide`}>
      {quarantine.error !== null && <Failure error={quarantine.error} onAgain={() => void quarantine.refetch()} />}
      {view === undefined ? (
        quarantine.error === null && <Lines widths={[88, 62]} />
      ) : (
        <>
          <div className={css.above}>
            <SourceAges sources={view.sources} servedAt={view.servedAt} />
            <span className={css.all}>
              <Switch isOn={isWhole} isBusy={quarantine.isFetching} label="Show what was decided too" onSwitch={setWhole} />
              <span className="muted">Decided too</span>
            </span>
          </div>
          <Entries entries={view.entries} />
        </>
      )}
    </Panel>
  )
}

function Entries({ entries }: Pick<QuarantineView, 'entries'>) {
  if (entries.length === 0)
    return (
      <Nothing>
        Nothing is held back. Days on which two sources contradict each other wait here, and no model reads them until you decide.
      </Nothing>
    )
  return (
    <ul>
      {entries.map((entry) => (
        <QuarantineEntry key={entry.id} entry={entry} />
      ))}
    </ul>
  )
}
