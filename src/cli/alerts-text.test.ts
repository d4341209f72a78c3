import { expect, test } from 'vitest'
import type { AlertRecord } from '#desk/alert-views.ts'
import { alertsText, channelTestText } from './alerts-text.ts'

const alert = (more: Partial<AlertRecord>): AlertRecord => ({
  ...{ id: '3fa91c2000aa', key: 'disk:desk:', book: null, flow: null, runId: null, severity: 'critical', title: 'Disk low' },
  ...{ body: '9 MB are free.', at: Date.UTC(2026, 10, 23, 17), lastAt: Date.UTC(2026, 10, 23, 18), times: 2 },
  ...{ resolvedAt: null, acknowledgedAt: null, acknowledgedBy: null, deliveries: [], ...more },
})

test('a list says of each alert how it stands, whom it was told, and why not', () => {
  const delivery = { what: 'raised', attempts: 8, dueAt: 0, sentAt: null } as const
  const open = alert({
    deliveries: [
      { ...delivery, channel: 'email', state: 'failed', error: 'It answered 535.' },
      { ...delivery, channel: 'slack', state: 'sent', error: null },
    ],
  })
  const over = alert({ severity: 'info', times: 1, resolvedAt: Date.UTC(2026, 10, 23, 19) })
  const text = alertsText({ open: [open], recent: [over, alert({ acknowledgedAt: 1, acknowledgedBy: 'page' })] }, true)
  expect(text.split('\n')).toEqual([
    'id        severity  since                 times  state                      told                                         what',
    '3fa91c20  critical  2026-11-23T17:00:00Z      2  open                       email failed (It answered 535.), slack sent  Disk low: 9 MB are free.',
    '3fa91c20  info      2026-11-23T17:00:00Z      1  over 2026-11-23T19:00:00Z                                               Disk low: 9 MB are free.',
    '3fa91c20  critical  2026-11-23T17:00:00Z      2  seen by page                                                            Disk low: 9 MB are free.',
    '',
  ])
  expect(alertsText({ open: [], recent: [over] }, false)).toBe('No alert is open.\n')
})

test('a test of channels says what each answered', () => {
  expect(channelTestText([{ channel: 'slack', isTaken: false, answer: 'It answered 404.' }])).toBe(
    'channel  taken  answer\nslack    no     It answered 404.\n',
  )
})
