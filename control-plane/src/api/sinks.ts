import type { Sink as SinkView, SinkDefinition as SinkBody } from '@cronclave/openapi'
import { type SinkDefinition, readSinkDefinition, sharesPassword } from '../logs/sink-definition.ts'
import type { Sink, SinkChange, SinkConnection } from '../logs/sink.ts'
import type { SinkFigures } from '../logs/sinks-port.ts'
import { Problem } from '../problems.ts'
import { present } from '../runtime/present.ts'
import { findSink, isSamePlace, takenText } from '../state/sinks.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { sinkAt } from './lookup.ts'
import { nameInPath } from './names.ts'
import { etag, ifVersion, refuseAbsent, submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'
import { sinkView } from './sink-view.ts'

type Operations = 'listSinks' | 'getSink' | 'putSink' | 'deleteSink' | 'pauseSink' | 'resumeSink' | 'testSink'

const BY_NAME: Order<Sink> = { name: 'sinks:ss', key: ({ name }) => [name, ''] }

/** Databases that get every row of the ledger: who they are, how far they are, and whether they can be reached. */
export function sinkHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock, sealer, sinks } = context

  async function shown(name: string): Promise<{ body: SinkView; headers: { etag: string } }> {
    const figures = await sinks.figures()
    const sink = sinkAt(state(), name)
    return { body: sinkView(sink, figures?.get(sink.uid)), headers: etag(sink.version) }
  }

  async function setPaused({ path, header }: Pick<Call<'pauseSink'>, 'path' | 'header'>, paused: boolean) {
    const { uid } = sinkAt(state(), path.sink)
    await submit(context, { kind: 'sink-pause', at: clock.now(), sink: uid, paused, ...ifVersion(header) })
    return { status: 200 as const, ...(await shown(path.sink)) }
  }

  return {
    async listSinks({ query }) {
      const page = await pageOf(state().sinks.values(), () => true, BY_NAME, query)
      const figures: ReadonlyMap<number, SinkFigures> | undefined =
        page.items.length === 0 ? undefined : await sinks.figures()
      return { status: 200, body: { ...page, items: page.items.map((sink) => sinkView(sink, figures?.get(sink.uid))) } }
    },

    getSink: async ({ path }) => ({ status: 200, ...(await shown(path.sink)) }),

    async putSink({ path, header, body, principal }) {
      const name = nameInPath(body.name, path.sink)
      const old = findSink(state(), name)
      refuseAbsent(header, old !== undefined, `sink ${name}`)
      const definition = definitionOf(body, old)
      refuseBorrowed(definition, old)
      const { connection, password } = definition
      refuseTaken(connection, name, state().sinks.values())
      const sealed = password === undefined ? undefined : password === '' ? null : sealer.seal(password)
      const change: SinkChange = { connection, ...present({ password: sealed }) }
      // Whether the password that there is may stay was decided by what was read here.
      const condition = { ifVersion: old ? (ifVersion(header).ifVersion ?? old.version) : ('new' as const) }
      await submit(context, { kind: 'sink-put', at: clock.now(), name, change, by: principal.name, ...condition })
      const made = await shown(name)
      if (old) return { status: 200, ...made }
      return { status: 201, ...made, headers: { ...made.headers, location: `/v1/sinks/${name}` } }
    },

    async deleteSink({ path, header }) {
      const { uid } = sinkAt(state(), path.sink)
      await submit(context, { kind: 'sink-delete', at: clock.now(), sink: uid, ...ifVersion(header) })
      return { status: 204 }
    },

    pauseSink: (call) => setPaused(call, true),
    resumeSink: (call) => setPaused(call, false),

    async testSink({ path, body }) {
      const old = findSink(state(), nameInPath(body?.name, path.sink))
      const given = body && definitionOf(body, old)
      if (given) refuseBorrowed(given, old)
      const { connection } = given ?? sinkAt(state(), path.sink)
      const password = given?.password ?? (old?.password === undefined ? undefined : sealer.open(old.password))
      return { status: 200, body: await sinks.test(connection, password === '' ? undefined : password) }
    },
  }
}

/** What is said; the certificates that are trusted stay as they are where nothing is said of them. */
function definitionOf(body: SinkBody, old: Sink | undefined): SinkDefinition {
  const read = readSinkDefinition(body)
  if ('faults' in read) throw new Problem('invalid-sink', undefined, read.faults)
  const { definition } = read
  const { connection } = definition
  const ca = definition.ca ?? (connection.tls === 'verify' ? old?.connection.ca : undefined)
  return ca === undefined || ca === '' ? definition : { ...definition, connection: { ...connection, ca } }
}

function refuseTaken(connection: SinkConnection, name: string, sinks: Iterable<Sink>): void {
  for (const other of sinks) {
    if (other.name === name || !isSamePlace(other.connection, connection)) continue
    throw new Problem('invalid-sink', undefined, [{ pointer: '/tablePrefix', detail: takenText(other) }])
  }
}

/** A password goes only to whom it was given for: whoever may change a sink could read it otherwise. */
function refuseBorrowed({ connection, password }: SinkDefinition, old: Sink | undefined): void {
  if (password !== undefined || old?.password === undefined || sharesPassword(old.connection, connection)) return
  const detail = 'has to be given again, because host, port, user, tls or ca are others'
  throw new Problem('invalid-sink', undefined, [{ pointer: '/password', detail }])
}
