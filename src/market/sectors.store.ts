import type { Sql } from '#database/connection.client.ts'
import type { SectorChoice } from './listing.ts'

/** The sectors in effect: what people have switched, over the names that the configuration gives. */
export async function sectorChoice(sql: Sql, configured: readonly string[]): Promise<SectorChoice> {
  const { rows } = await sql.query<{ sector: string; is_active: boolean }>('select sector, is_active from spreadworks.sectors')
  return { configured, chosen: new Map(rows.map((row) => [row.sector.toLowerCase(), row.is_active])) }
}

/** Switches sectors on or off, by their names as symbols have them, whatever the configuration says. */
export async function switchSectors(
  sql: Sql,
  states: ReadonlyMap<string, boolean>,
  { by }: { readonly by: string },
): Promise<void> {
  await sql.query(
    `insert into spreadworks.sectors as s (sector, is_active, changed_by)
     select sector, is_active, $3 from unnest($1::text[], $2::boolean[]) as t (sector, is_active)
     on conflict (sector) do update set is_active = excluded.is_active, changed_at = now(), changed_by = excluded.changed_by
     where s.is_active <> excluded.is_active`,
    [[...states.keys()], [...states.values()], by],
  )
}

/** Gives every sector back to the configuration. */
export async function forgetSectorSwitches(sql: Sql): Promise<void> {
  await sql.query('delete from spreadworks.sectors')
}

/** A sector, how many symbols it has, and who switched it, if anybody has. */
export type SectorRow = { readonly sector: string; readonly symbols: number; readonly switchedBy: string | null }

/** Every sector that a symbol has, by name. */
export async function sectorRows(sql: Sql): Promise<SectorRow[]> {
  const { rows } = await sql.query<SectorRow>(
    `select s.sector, count(*)::int as symbols, max(c.changed_by) as "switchedBy"
     from spreadworks.symbols as s left join spreadworks.sectors as c on lower(c.sector) = lower(s.sector)
     where s.sector is not null group by s.sector order by s.sector collate "C"`,
  )
  return rows
}
