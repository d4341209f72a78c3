import { useMemo } from 'react'
import type { SymbolView } from '../../../../src/api/contract.ts'
import { Chip, type Tone } from '../../parts/chip.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Unknown } from '../../parts/figure-text.tsx'
import { Failure } from '../../parts/notice.tsx'
import { Nothing, Panel } from '../../parts/panel.tsx'
import { Switch } from '../../parts/switch.tsx'
import { count } from '../../words/figures.ts'
import { dateText, exactTime } from '../../words/times.ts'
import css from './data.module.css'
import { useChange } from './use-change.ts'

const TONES: Readonly<Record<SymbolView['status'], Tone>> = {
  listed: 'gain',
  halted: 'warn',
  'not-tradable': 'warn',
  delisted: 'loss',
  renamed: 'loss',
}

/** What is known of each symbol, and is it traded? */
export function SymbolsPanel({ symbols }: { readonly symbols: readonly SymbolView[] }) {
  const change = useChange()
  const { mutate, isPending } = change
  const columns = useMemo(
    () =>
      columnsWith(isPending, (symbol, isActive) =>
        mutate({ path: `/symbols/${encodeURIComponent(symbol)}`, body: { isActive } }),
      ),
    [mutate, isPending],
  )
  const traded = symbols.filter(({ keptOut }) => keptOut === null).length
  return (
    <div className={css.bounded}>
      <Panel title="Symbols" aside={`${count(traded)} of ${count(symbols.length)} traded`}>
        {change.error !== null && <Failure error={change.error} onAgain={change.reset} />}
        {symbols.length === 0 ? (
          <Nothing>
            Symbols and how they stand will be listed here. None is kept yet: import a symbols.csv, or add some (spreadworks
            symbols add XOM).
          </Nothing>
        ) : (
          <DataTable label="Symbols" columns={columns} rows={symbols} idOf={(row) => row.symbol} />
        )}
      </Panel>
    </div>
  )
}

function columnsWith(isBusy: boolean, onSwitch: (symbol: string, isActive: boolean) => void): Column<SymbolView>[] {
  return [
    { title: 'Symbol', by: (row) => row.symbol, show: (row) => <strong>{row.symbol}</strong> },
    {
      title: 'Active',
      by: (row) => Number(row.isActive),
      show: (row) => (
        <Switch
          isOn={row.isActive}
          isBusy={isBusy}
          label={`Trade ${row.symbol}`}
          onSwitch={(isActive) => onSwitch(row.symbol, isActive)}
        />
      ),
    },
    {
      title: 'Status',
      by: (row) => row.status,
      show: (row) => (
        <Chip
          tone={row.isSimulated ? 'neutral' : TONES[row.status]}
          {...(row.statusSince === null ? {} : { title: `Since ${exactTime(row.statusSince)}` })}
        >
          {statusText(row)}
        </Chip>
      ),
    },
    {
      title: 'Entries',
      by: (row) => row.keptOut ?? '',
      show: (row) => <span className={row.keptOut === null ? undefined : 'muted'}>{entriesText(row)}</span>,
    },
    { title: 'Short', by: (row) => (row.isShortable === null ? null : Number(row.isShortable)), show: shortCell },
    {
      title: 'Sector',
      by: (row) => row.sector,
      show: (row) => row.sector ?? <Unknown reason="No import and no source has told its sector." />,
    },
    { title: 'Name', isWide: true, by: (row) => row.name, show: (row) => row.name },
    {
      title: 'Looked at',
      isNumber: true,
      by: (row) => row.checkedAt,
      show: (row) =>
        row.checkedAt === null ? (
          <Unknown reason={row.isSimulated ? 'It is made up: no broker knows it.' : 'Maintenance has not looked at it yet.'} />
        ) : (
          <span title={exactTime(row.checkedAt)}>{dateText(row.checkedAt)}</span>
        ),
    },
  ]
}

function shortCell({ isShortable }: SymbolView) {
  if (isShortable === null) return <Unknown reason="No broker has told yet whether it lends the share." />
  return isShortable ? 'Yes' : <Chip tone="warn">Not shortable</Chip>
}

function statusText({ status, renamedTo, isSimulated }: SymbolView): string {
  if (isSimulated) return 'Simulated'
  switch (status) {
    case 'listed':
      return 'Listed'
    case 'halted':
      return 'Halted'
    case 'not-tradable':
      return 'Not tradable'
    case 'delisted':
      return 'Delisted'
    case 'renamed':
      return `Now ${renamedTo}`
    default:
      return status satisfies never
  }
}

function entriesText({ keptOut }: SymbolView): string {
  if (keptOut === null) return 'Taken'
  if (keptOut === 'inactive') return 'None: switched off'
  return keptOut === 'sector-inactive' ? 'None: its sector is off' : 'None'
}
