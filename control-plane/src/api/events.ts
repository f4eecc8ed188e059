import type { AlertEvent, JobEvent, RunEvent } from '@cronclave/openapi'
import { allows, readsNamespace } from '../auth/scopes.ts'
import { Problem } from '../problems.ts'
import type { Scope, State } from '../state/state.ts'
import { alertView } from './alert-views.ts'
import type { ApiContext } from './context.ts'
import type { FeedEvent } from './feed.ts'
import type { Handlers } from './handlers.ts'
import { runSummary } from './run-view.ts'
import { type EventStreams, message, type StreamSource } from './streams.ts'
import { timeText } from './times.ts'

/** Events written at a time, at most. */
const CHUNK_EVENTS = 100

export function eventHandlers({ feed, state }: ApiContext, streams: EventStreams): Pick<Handlers, 'streamEvents'> {
  return {
    streamEvents(call) {
      const { query, header, principal } = call
      if (query.namespace !== undefined && !readsNamespace(principal.scope, query.namespace)) {
        throw new Problem('forbidden', `the credential has scope ${principal.scope}`)
      }
      const wanted = (event: FeedEvent) =>
        mayRead(principal.scope, event) &&
        (query.namespace === undefined || query.namespace === event.namespace) &&
        (query.job === undefined || query.job === event.job)
      const source = () => sourceOf({ feed, state }, wanted, header['Last-Event-ID'])
      return { status: 200, response: streams.reply(call, source) }
    },
  }
}

/** What is of no namespace is the cluster's: who reads one namespace sees nothing of it. */
function mayRead(scope: Scope, event: FeedEvent): boolean {
  const isOfCluster = event.alert?.namespace === 0
  return isOfCluster ? allows(scope, 'cluster-read', {}) : allows(scope, 'namespace-read', event)
}

function sourceOf(
  { feed, state }: Pick<ApiContext, 'feed' | 'state'>,
  wanted: (event: FeedEvent) => boolean,
  lastEventId: string | undefined,
): StreamSource {
  const resumed = lastEventId === undefined ? feed.open() : feed.positionOf(lastEventId)
  let position = resumed ?? feed.open()
  return {
    opening: resumed === undefined ? message('reset', feed.idOf(position), {}) : '',
    beat: () => ':\n\n',
    async next() {
      const read = await feed.read(position, CHUNK_EVENTS)
      if (read.kind !== 'events') return read.kind
      const text = written({ feed, state }, read.events, position, wanted)
      position = read.last
      return { text }
    },
    wake: () => feed.wake(),
  }
}

function written(
  { feed, state }: Pick<ApiContext, 'feed' | 'state'>,
  events: readonly FeedEvent[],
  from: number,
  wanted: (event: FeedEvent) => boolean,
): string {
  let text = ''
  for (const [i, event] of events.entries()) {
    if (wanted(event)) text += message(event.type, feed.idOf(from + i + 1), dataOf(state(), event))
  }
  return text
}

function dataOf(state: State, event: FeedEvent): RunEvent | JobEvent | AlertEvent {
  const { namespace, job, run, changed, alert } = event
  if (alert) return { ...(namespace === '' ? {} : { namespace }), alert: alertView(state, alert) }
  if (run) return { namespace, job, run: runSummary(run, { namespace, job }) }
  if (!changed) return { namespace, job }
  const next = changed.nextFire === undefined ? {} : { nextFire: timeText(changed.nextFire) }
  return { namespace, job, version: changed.version, state: changed.state, ...next }
}
