import type { Channel } from '../alerts/channel.ts'
import { type AlertMessage, type AlertTally, type Episode, watchKeyOf } from '../alerts/episode.ts'
import type { AlertRule, Silence } from '../alerts/rule.ts'
import { LIVE } from '../store/keys.ts'
import type { Store } from '../store/store.ts'
import { enterEpisode, enterMessage, indexRules } from './alert-index.ts'
import { own } from './interner.ts'
import type { State } from './state.ts'

/** Rules, channels, silences, episodes and messages; each in the order in which they were made. */
export async function loadAlerts(state: State, store: Store): Promise<void> {
  const index = state.alertIndex
  for await (const [, rule] of store.range<AlertRule>(LIVE.alertRules)) state.alertRules.set(rule.uid, own(rule))
  indexRules(state)
  for await (const [, channel] of store.range<Channel>(LIVE.channels)) {
    state.channels.set(channel.uid, own(channel))
    index.channelNames.set(`${channel.namespace}/${channel.name}`, channel.uid)
  }
  for await (const [, silence] of store.range<Silence>(LIVE.silences)) state.silences.set(silence.id, own(silence))
  for await (const [, episode] of store.range<Episode>(LIVE.episodes)) state.episodes.set(episode.id, own(episode))
  for (const episode of [...state.episodes.values()].sort((a, b) => (a.order ?? 0) - (b.order ?? 0)))
    enterEpisode(index, episode)
  for await (const [, message] of store.range<AlertMessage>(LIVE.alertMessages)) {
    state.alertMessages.set(message.id, own(message))
    enterMessage(index, message)
  }
  for await (const [, tally] of store.range<AlertTally>(LIVE.alertTallies))
    state.alertTallies.set(watchKeyOf(tally), own(tally))
}
