import type { Run, RunEvent } from '@cronclave/openapi'
import { type Query, type QueryClient, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { client } from '../api/client.ts'
import { type Connection, readEvents, type ServerEvent } from '../api/event-source.ts'
import { now } from '../ui/clock.ts'
import { LiveRuns, type LiveSnapshot, NOTHING } from './live-runs.ts'
import { throttle } from './throttle.ts'

/** Events are shown together at most this often, however many come. */
const FLUSH_MS = 200
/** Lists and counters are read again at most this often while events come. */
const REFRESH_MS = 2_000
const SEED_RUNS = 300
/** A list scrolled further than this stands still, and is read again only when someone asks. */
const LIVE_PAGES_MAX = 3

interface Live {
  subscribe(listener: () => void): () => void
  snapshot(): LiveSnapshot
  connection(): Connection
}

const LiveContext = createContext<Live | undefined>(undefined)

/** Follows the events of one namespace for all that is below it. */
export function LiveProvider({ namespace, children }: { namespace: string; children: ReactNode }) {
  const queries = useQueryClient()
  const [live, setLive] = useState<Live | undefined>(undefined)
  useEffect(() => {
    const follower = follow(namespace, queries)
    setLive(follower)
    return follower.stop
  }, [namespace, queries])
  return <LiveContext value={live}>{children}</LiveContext>
}

/** Recent runs of the namespace, as they happen. */
export function useLiveRuns(): LiveSnapshot {
  const live = useContext(LiveContext)
  return useSyncExternalStore(live?.subscribe ?? never, live?.snapshot ?? nothing)
}

/** How the stream of events stands. */
export function useConnection(): Connection {
  const live = useContext(LiveContext)
  return useSyncExternalStore(live?.subscribe ?? never, live?.connection ?? connecting)
}

function follow(namespace: string, queries: QueryClient): Live & { stop(): void } {
  const runs = new LiveRuns()
  const listeners = new Set<() => void>()
  let snapshot = NOTHING
  let connection: Connection = 'connecting'
  let seeded = false
  const tell = () => {
    for (const listener of listeners) listener()
  }
  const flush = throttle(() => {
    snapshot = runs.snapshot(now())
    tell()
  }, FLUSH_MS)
  const refresh = throttle(() => void queries.invalidateQueries({ predicate: isOfNamespace(namespace) }), REFRESH_MS)
  const seed = async () => {
    seeded = true
    const { data } = await client.GET('/v1/namespaces/{namespace}/runs', {
      params: { path: { namespace }, query: { limit: SEED_RUNS } },
    })
    if (data === undefined) {
      seeded = false
      return
    }
    runs.seed(data.items, data.nextCursor === undefined)
    flush()
  }
  const onEvent = ({ event, data }: ServerEvent) => {
    if (event === 'reset' || event === 'dropped') {
      seeded = false
      void seed().catch(ignore)
      return refresh()
    }
    if (event.startsWith('run.')) {
      const run = runOf(data)
      if (run === undefined) return
      runs.add(run)
      showRun(queries, run)
      flush()
    }
    refresh()
  }
  const onConnection = (state: Connection) => {
    connection = state
    tell()
    if (state === 'open' && !seeded) void seed().catch(ignore)
  }
  const stopReading = readEvents(`/v1/events?namespace=${encodeURIComponent(namespace)}`, { onEvent, onConnection })
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    snapshot: () => snapshot,
    connection: () => connection,
    stop() {
      stopReading()
      flush.cancel()
      refresh.cancel()
    },
  }
}

/** A list that could not be read now is read with the next event or reconnection. */
function ignore(): void {}

function runOf(data: string): Run | undefined {
  try {
    return (JSON.parse(data) as RunEvent).run
  } catch {
    return undefined
  }
}

/** Puts a run into the page that shows it, if one does; parameters and result are not in events, so it is read again. */
function showRun(queries: QueryClient, run: Run): void {
  const path = { namespace: run.namespace, run: run.id }
  const key = ['get', '/v1/namespaces/{namespace}/runs/{run}', { params: { path } }]
  const known = queries.getQueryData<Run>(key)
  if (known === undefined) return
  queries.setQueryData(key, { ...known, ...run })
  void queries.invalidateQueries({ queryKey: key })
}

/** Answers that events do not make old, or that are too many to be asked for again with each. */
const UNMOVED = /\/(?:explain|stats\/top|jobs\/\{job\}\/stats)$/

interface Named {
  namespace?: string
}

/** What events can change: everything read of the namespace, but for those. */
function isOfNamespace(namespace: string): (query: Query) => boolean {
  return ({ queryKey, state }) => {
    const init = queryKey[2] as { params?: { path?: Named; query?: Named } } | undefined
    const pages = (state.data as { pages?: unknown[] } | undefined)?.pages?.length ?? 1
    if (pages > LIVE_PAGES_MAX || UNMOVED.test(String(queryKey[1]))) return false
    return (init?.params?.path?.namespace ?? init?.params?.query?.namespace) === namespace
  }
}

const never = () => () => {}
const nothing = () => NOTHING
const connecting = (): Connection => 'connecting'
