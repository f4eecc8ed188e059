import type { AlertMessage, Episode } from '../alerts/episode.ts'
import { Problem } from '../problems.ts'
import type { State } from '../state/state.ts'
import { alertView, messageView } from './alert-views.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { namespaceNamed } from './lookup.ts'
import { type Order, pageOf } from './pages.ts'
import { optionalInstant } from './times.ts'

type Operations = 'listAlerts' | 'getAlert' | 'listClusterAlerts' | 'getClusterAlert'

const NEWEST: Order<Episode> = { name: 'alerts:ns', key: ({ since, id }) => [since, id], descending: true }

/** What fires and what fired, by the rules of a namespace or of the cluster. */
export function alertHandlers({ state }: ApiContext): Pick<Handlers, Operations> {
  async function list(isWanted: (episode: Episode) => boolean, query: Call<'listAlerts'>['query']) {
    const from = optionalInstant(query.from, '?from')
    const to = optionalInstant(query.to, '?to')
    const matches = (episode: Episode) =>
      isWanted(episode) &&
      (query.state === undefined || episode.state === query.state) &&
      (query.rule === undefined || episode.ruleName === query.rule) &&
      (query.job === undefined || (episode.subject.kind === 'job' && episode.subject.name === query.job)) &&
      (from === undefined || episode.since >= from) &&
      (to === undefined || episode.since < to)
    const page = await pageOf(state().episodes.values(), matches, NEWEST, query)
    const items = page.items.map((episode) => alertView(state(), episode))
    return { status: 200 as const, body: { ...page, items } }
  }

  function shown(episode: Episode | undefined, id: string) {
    if (!episode) throw new Problem('alert-not-found', `there is no alert ${id}`)
    const messages = messagesOf(state(), episode)
    const items = messages.map((message) => messageView(state(), message, episode.namespace))
    return { status: 200 as const, body: { alert: alertView(state(), episode), messages: items } }
  }

  return {
    listAlerts({ path, query }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      return list(({ namespace }) => namespace === uid, query)
    },
    listClusterAlerts: ({ query }) => list(({ namespace }) => query.all || namespace === 0, query),
    getAlert({ path }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      const episode = state().episodes.get(path.alert)
      return shown(episode?.namespace === uid ? episode : undefined, path.alert)
    },
    // Who reads the cluster reads every namespace.
    getClusterAlert: ({ path }) => shown(state().episodes.get(path.alert), path.alert),
  }
}

/** What channels were told of an alert, oldest first: only those that its rule can have named are looked through. */
function messagesOf({ alertIndex, alertMessages, channels }: State, { id, namespace }: Episode): AlertMessage[] {
  const its: AlertMessage[] = []
  for (const [uid, ids] of alertIndex.messages) {
    const of = channels.get(uid)?.namespace
    if (of !== 0 && of !== namespace) continue
    for (const message of ids) {
      const told = alertMessages.get(message)
      if (told && 'episode' in told.about && told.about.episode === id) its.push(told)
    }
  }
  return its.sort((one, other) => one.id - other.id)
}
