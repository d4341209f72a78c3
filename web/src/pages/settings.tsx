import { useQuery } from '@tanstack/react-query'
import type { SettingRow } from '../../../src/api/contract.ts'
import { ask } from '../live/ask.ts'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { PageQuery } from '../parts/page-query.tsx'
import { Panel } from '../parts/panel.tsx'
import { wordsOf } from '../words/names.ts'
import css from './pages.module.css'

const COLUMNS: readonly Column<SettingRow>[] = [
  { title: 'Setting', by: (row) => row.key, show: (row) => <code className={css.key}>{row.key}</code> },
  {
    title: 'Value',
    by: (row) => row.value,
    isWide: true,
    show: (row) => (row.value === '' ? <span className="muted">not set</span> : row.value),
  },
]

/** Which configuration is in effect? */
export default function Settings() {
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => ask<SettingRow[]>('/settings') })
  return (
    <PageQuery
      query={settings}
      show={(rows) =>
        [...Map.groupBy(rows, (row) => row.section)].map(([section, values]) => (
          <Panel key={section} title={wordsOf(section)}>
            <DataTable label={`${wordsOf(section)} settings`} columns={COLUMNS} rows={values} idOf={(row) => row.key} />
          </Panel>
        ))
      }
    />
  )
}
