import type { SectorView } from '../../../../src/api/contract.ts'
import { Failure } from '../../parts/notice.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { Switch } from '../../parts/switch.tsx'
import { count } from '../../words/figures.ts'
import css from './data.module.css'
import { useChange } from './use-change.ts'

/** Which sectors are traded, and who decided that? */
export function SectorsPanel({ sectors }: { readonly sectors: readonly SectorView[] }) {
  const change = useChange()
  const isSwitched = sectors.some(({ decidedBy }) => decidedBy !== 'configuration')
  return (
    <Panel
      title="Sectors"
      aside={
        isSwitched && (
          <button type="button" className={css.close} onClick={() => change.mutate({ path: '/sectors/reset', body: {} })}>
            As configured
          </button>
        )
      }
    >
      {change.error !== null && <Failure error={change.error} onAgain={change.reset} />}
      {sectors.length === 0 ? (
        <Nothing>Sectors will be switched on and off here. No symbol has one yet: import a symbols.csv.</Nothing>
      ) : (
        <ul className={css.sectors}>
          {sectors.map(({ sector, isActive, symbols, tradable, decidedBy }) => (
            <li key={sector}>
              <Switch
                isOn={isActive}
                isBusy={change.isPending}
                label={`Trade ${sector}`}
                onSwitch={(isOn) => change.mutate({ path: '/sectors', body: { switches: { [sector]: isOn } } })}
              />
              <span className={css.sector}>{sector}</span>
              <span className="muted">
                {count(tradable)} of {count(symbols)} traded
              </span>
              <span className="muted">{decidedBy === 'configuration' ? 'as configured' : `by ${decidedBy}`}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
