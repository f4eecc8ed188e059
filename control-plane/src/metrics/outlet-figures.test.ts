import { expect, test } from 'vitest'
import type { AlertMessage, Episode } from '../alerts/episode.ts'
import type { Channel } from '../alerts/channel.ts'
import type { Sink } from '../logs/sink.ts'
import { emptyState, type Namespace, type State } from '../state/state.ts'
import { Figures } from './families.ts'
import { readAlerts, readSinks } from './outlet-figures.ts'
import { Tally } from './tally.ts'

function sink(name: string, more: Partial<Sink>): Sink {
  const connection = {
    kind: 'mysql',
    host: 'db',
    port: 3306,
    user: 'u',
    database: 'd',
    tls: 'off',
    tablePrefix: '',
  } as const
  const known = { uid: 1, version: 1, createdAt: 0, updatedAt: 0, createdBy: 't', since: 0, cursor: [0, 0] } as const
  const one: Sink = {
    ...known,
    name,
    connection,
    paused: false,
    position: 0,
    backlog: { rows: 0, upTo: 0 },
    rows: 0,
    gaps: [],
  }
  return { ...one, ...more }
}

async function linesOf(read: (figures: Figures) => unknown): Promise<string[]> {
  const figures = new Figures()
  await read(figures)
  return (await figures.text()).split('\n').filter((line) => line.startsWith('cronclave_'))
}

function stateWith(more: Partial<State>): State {
  return { ...emptyState(), ...more }
}

test('a sink lacks what the ledger has been given since its place, and says what it will never get', async () => {
  const gaps = [
    { from: [1, 0] as const, to: [2, 0] as const, count: 7, at: 0 },
    { from: [4, 0] as const, to: [4, 1] as const, count: 2, at: 0 },
  ]
  const trouble = { since: 1, error: 'gone' }
  const sinks = new Map([
    [1, sink('archive', { cursor: [9, 0], position: 90, rows: 81, gaps, trouble })],
    [2, sink('spare', { uid: 2, position: 100, rows: 100, paused: true })],
  ])
  const place = { since: 1, cursor: [9, 0], position: 90, rows: 81 } as const
  const measured = new Map([[1, { lagRows: 10, lagMs: 2500, rowsPerSecond: 0, place }]])
  const lines = await linesOf((figures) => readSinks(figures, stateWith({ sinks, ledgerRows: 100 }), measured))
  expect(lines).toEqual([
    'cronclave_sink_lag_rows{sink="archive"} 10',
    'cronclave_sink_lag_rows{sink="spare"} 0',
    'cronclave_sink_lag_seconds{sink="archive"} 2.5',
    'cronclave_sink_rows_total{sink="archive"} 81',
    'cronclave_sink_rows_total{sink="spare"} 100',
    'cronclave_sink_gap_rows_total{sink="archive"} 9',
    'cronclave_sink_gap_rows_total{sink="spare"} 0',
    'cronclave_sink_failing{sink="archive"} 1',
    'cronclave_sink_failing{sink="spare"} 0',
    'cronclave_sink_paused{sink="archive"} 0',
    'cronclave_sink_paused{sink="spare"} 1',
  ])
})

test('alerts are counted while they are not over, those of the cluster apart, with their messages and channels', async () => {
  const episodes = [
    { id: 'a', namespace: 5, state: 'firing' },
    { id: 'b', namespace: 5, state: 'firing', silenced: 's1' },
    { id: 'c', namespace: 5, state: 'resolved' },
    // Told when its silence was over.
    { id: 'e', namespace: 5, state: 'firing', silenced: 's1', toldAt: 9 },
    { id: 'd', namespace: 0, state: 'firing' },
  ] as Episode[]
  const messages = ['open', 'open', 'failed'].map((state, id) => ({ id, state }) as AlertMessage)
  const state = stateWith({
    namespaces: new Map([[5, { uid: 5, name: 'team' } as Namespace]]),
    episodes: new Map(episodes.map((one) => [one.id, one])),
    alertMessages: new Map(messages.map((one) => [one.id, one])),
    channels: new Map([
      [1, { uid: 1, trouble: { since: 1, error: 'refused' } } as Channel],
      [2, { uid: 2 } as Channel],
      [3, { uid: 3 } as Channel],
    ]),
  })
  expect(await linesOf((figures) => readAlerts(figures, state, new Tally()))).toEqual([
    'cronclave_alerts{namespace="_cluster",state="firing"} 1',
    'cronclave_alerts{namespace="_cluster",state="silenced"} 0',
    'cronclave_alerts{namespace="team",state="firing"} 2',
    'cronclave_alerts{namespace="team",state="silenced"} 1',
    'cronclave_alert_messages{state="open"} 2',
    'cronclave_alert_messages{state="delivered"} 0',
    'cronclave_alert_messages{state="failed"} 1',
    'cronclave_channels{state="well"} 2',
    'cronclave_channels{state="failing"} 1',
  ])
})
