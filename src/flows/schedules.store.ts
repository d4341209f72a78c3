import type { Sql } from '#database/connection.client.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import { FLOWS, type FlowName } from './flow-names.ts'
import type { ScheduleRecord } from './schedule-record.ts'

type Row = {
  readonly flow: string
  readonly phrase: string
  readonly handled_through: Date
  readonly paused_at: Date | null
  readonly paused_by: string | null
  readonly resumed_at: Date | null
  readonly last_run_id: string | null
  readonly last_occurrence: Date | null
}

/** Every schedule that is kept, in the order of the flows; a flow's that this version does not know is left out. */
export async function scheduleRecords(sql: Sql): Promise<ScheduleRecord[]> {
  const { rows } = await sql.query<Row>('select * from spreadworks.schedules where flow = any($1)', [FLOWS])
  const records = new Map(rows.map((row) => [row.flow, row]))
  return FLOWS.flatMap((flow) => {
    const row = records.get(flow)
    return row === undefined ? [] : recordOf(flow, row)
  })
}

/** A flow's schedule; undefined when none was ever kept. */
export async function scheduleRecord(sql: Sql, flow: FlowName): Promise<ScheduleRecord | undefined> {
  const { rows } = await sql.query<Row>('select * from spreadworks.schedules where flow = $1', [flow])
  return rows[0] && recordOf(flow, rows[0])
}

/** Keeps a schedule that is not kept yet: what it named before `at` is nobody's business. */
export async function keepSchedule(sql: Sql, flow: FlowName, phrase: string, at: EpochMs): Promise<void> {
  await sql.query(
    `insert into spreadworks.schedules (flow, phrase, handled_through) values ($1, $2, $3) on conflict (flow) do nothing`,
    [flow, phrase, isoFrom(at)],
  )
}

/** Puts another phrase in force from `at` on. */
export async function changePhrase(sql: Sql, flow: FlowName, phrase: string, at: EpochMs): Promise<void> {
  await sql.query('update spreadworks.schedules set phrase = $2, handled_through = $3 where flow = $1', [
    flow,
    phrase,
    isoFrom(at),
  ])
}

/**
 * Holds a flow's schedule until the transaction ends; undefined while somebody else does. A holder that falls silent for a minute
 * loses it, so that a process that hangs does not keep the others from it.
 */
export async function holdSchedule(sql: Sql, flow: FlowName): Promise<ScheduleRecord | undefined> {
  await sql.query(`set local idle_in_transaction_session_timeout = '60s'`)
  const { rows } = await sql.query<Row>('select * from spreadworks.schedules where flow = $1 for update skip locked', [flow])
  return rows[0] && recordOf(flow, rows[0])
}

/** Says up to where a schedule has been handled, and which run began last; without one the last stays the last. */
export async function saveHandled(
  sql: Sql,
  { flow, handledThrough, lastRun }: Pick<ScheduleRecord, 'flow' | 'handledThrough' | 'lastRun'>,
): Promise<void> {
  await sql.query(
    `update spreadworks.schedules set handled_through = $2, last_run_id = coalesce($3, last_run_id),
       last_occurrence = coalesce($4::timestamptz, last_occurrence)
     where flow = $1`,
    [flow, isoFrom(handledThrough), lastRun?.id ?? null, lastRun === undefined ? null : isoFrom(lastRun.at)],
  )
}

/** Lets a schedule rest from `at` on. Answers whether it did not rest already; false too for a flow without schedule. */
export async function pauseSchedule(sql: Sql, flow: FlowName, by: string, at: EpochMs): Promise<boolean> {
  const { rowCount } = await sql.query(
    `update spreadworks.schedules set paused_at = $2, paused_by = $3, resumed_at = null
     where flow = $1 and (paused_at is null or resumed_at is not null)`,
    [flow, isoFrom(at), by],
  )
  return rowCount === 1
}

/**
 * Lets a schedule go on from `at` on. What lay in the pause is not made up for: whoever wants it asks for those occurrences. Answers the
 * instant at which the pause began, or undefined when there was none.
 */
export async function resumeSchedule(sql: Sql, flow: FlowName, at: EpochMs): Promise<EpochMs | undefined> {
  const { rows } = await sql.query<{ paused_at: Date }>(
    `update spreadworks.schedules set resumed_at = greatest($2, paused_at)
     where flow = $1 and paused_at is not null and resumed_at is null returning paused_at`,
    [flow, isoFrom(at)],
  )
  return rows[0] && instantOf(rows[0].paused_at)
}

function recordOf(flow: FlowName, row: Row): ScheduleRecord {
  const { paused_at, paused_by, resumed_at, last_run_id, last_occurrence } = row
  return {
    flow,
    phrase: row.phrase,
    handledThrough: instantOf(row.handled_through),
    pause:
      paused_at === null
        ? undefined
        : { from: instantOf(paused_at), until: resumed_at === null ? undefined : instantOf(resumed_at), by: paused_by ?? '' },
    lastRun: last_run_id === null || last_occurrence === null ? undefined : { id: last_run_id, at: instantOf(last_occurrence) },
  }
}

function instantOf(date: Date): EpochMs {
  return epochMs(date.getTime())
}
