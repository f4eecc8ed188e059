import { each } from '../api/pages.ts'
import { lagOf } from '../logs/lag.ts'
import type { SinkFigures } from '../logs/sinks-port.ts'
import type { State } from '../state/state.ts'
import type { Figures } from './families.ts'
import { OTHERS } from './state-figures.ts'
import type { Tally } from './tally.ts'
import { MESSAGE_STATES } from './words.ts'

/** What alerts of the cluster itself are counted under; no namespace can have this name. */
const CLUSTER = '_cluster'

/** How far sinks are. There are few, so each has its name. */
export function readSinks(
  figures: Figures,
  state: Pick<State, 'sinks' | 'ledgerRows'>,
  measured: ReadonlyMap<number, SinkFigures> | undefined,
): void {
  for (const sink of state.sinks.values()) {
    const { uid, name, rows, gaps, trouble, paused } = sink
    figures.set('cronclave_sink_lag_rows', lagOf(state, sink, sink, rows).lagRows, name)
    figures.set('cronclave_sink_rows_total', rows, name)
    figures.set(
      'cronclave_sink_gap_rows_total',
      gaps.reduce((sum, { count }) => sum + count, 0),
      name,
    )
    figures.set('cronclave_sink_failing', trouble ? 1 : 0, name)
    figures.set('cronclave_sink_paused', paused ? 1 : 0, name)
    const one = measured?.get(uid)
    if (one) figures.set('cronclave_sink_lag_seconds', one.lagMs / 1000, name)
  }
}

/** What fires, and how its telling goes. */
export async function readAlerts(figures: Figures, state: State, tally: Tally): Promise<void> {
  const open = new Map<string, { firing: number; silenced: number }>([[CLUSTER, { firing: 0, silenced: 0 }]])
  const nameOf = (namespace: number) => {
    if (namespace === 0) return CLUSTER
    return tally.isNamed(namespace) ? (state.namespaces.get(namespace)?.name ?? OTHERS) : OTHERS
  }
  for (const { uid } of state.namespaces.values()) open.set(nameOf(uid), { firing: 0, silenced: 0 })
  await each(state.episodes.values(), ({ state: now, namespace, silenced, toldAt }) => {
    // What outlived its silence has been told.
    const counts = now === 'firing' ? open.get(nameOf(namespace)) : undefined
    if (counts) counts[silenced === undefined || toldAt !== undefined ? 'firing' : 'silenced'] += 1
  })
  for (const [name, { firing, silenced }] of open) {
    figures.set('cronclave_alerts', firing, name, 'firing')
    figures.set('cronclave_alerts', silenced, name, 'silenced')
  }
  const messages = { open: 0, delivered: 0, failed: 0 }
  await each(state.alertMessages.values(), (message) => (messages[message.state] += 1))
  for (const word of MESSAGE_STATES) figures.set('cronclave_alert_messages', messages[word], word)
  let failing = 0
  for (const { trouble } of state.channels.values()) if (trouble) failing += 1
  figures.set('cronclave_channels', state.channels.size - failing, 'well')
  figures.set('cronclave_channels', failing, 'failing')
}
