import type { ChannelDefinition as ChannelBody, ChannelWithSecret } from '@cronclave/openapi'
import type { Channel } from '../alerts/channel.ts'
import {
  type ChannelDefinition,
  originOf,
  readChannelDefinition,
  sharesPassword,
} from '../alerts/channel-definition.ts'
import { type ChannelSecret, openedSecret } from '../alerts/channels/secret.ts'
import type { AlertMessage } from '../alerts/episode.ts'
import { Problem } from '../problems.ts'
import { present } from '../runtime/present.ts'
import { generateSecret, parseSecret } from '../signing/secret.ts'
import { findChannel } from '../state/channels.ts'
import { channelView, messageView } from './alert-views.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { channelAt, namespaceNamed } from './lookup.ts'
import { nameInPath } from './names.ts'
import { etag, ifVersion, ifVersionOrNew, refuseAbsent, submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'

type Operations =
  | 'listChannels'
  | 'listRecipients'
  | 'getChannel'
  | 'putChannel'
  | 'deleteChannel'
  | 'testChannel'
  | 'listChannelMessages'
  | 'listClusterChannels'
  | 'listClusterRecipients'
  | 'getClusterChannel'
  | 'putClusterChannel'
  | 'deleteClusterChannel'
  | 'testClusterChannel'
  | 'listClusterChannelMessages'

type Path = { namespace?: string; channel: string }

const BY_NAME: Order<Channel> = { name: 'channels:ss', key: ({ name }) => [name, ''] }
const NEWEST: Order<AlertMessage> = { name: 'messages:nn', key: ({ id }) => [id, 0], descending: true }

/** Where people are told: channels of a namespace and, under no namespace, those of the cluster. */
export function channelHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock, random, sealer, egress } = context
  const view = (channel: Channel) => channelView(context, channel)

  async function list(namespace: number, query: Call<'listChannels'>['query']) {
    const wanted = query.name?.toLowerCase() ?? ''
    const matches = (channel: Channel) => channel.namespace === namespace && channel.name.toLowerCase().includes(wanted)
    const page = await pageOf(state().channels.values(), matches, BY_NAME, query)
    return { status: 200 as const, body: { ...page, items: page.items.map(view) } }
  }

  /** Addresses of the channels of a namespace, or of the cluster itself: who may see the one sees nothing of the other. */
  function recipients(namespace: number) {
    const items = new Set<string>()
    for (const { namespace: of, target } of state().channels.values()) {
      if (of !== namespace || target.kind !== 'email') continue
      for (const address of target.to) items.add(address)
    }
    return { status: 200 as const, body: { items: [...items].sort() } }
  }

  function shown(channel: Channel) {
    return { status: 200 as const, body: view(channel), headers: etag(channel.version) }
  }

  async function put(namespace: number, name: string, { header, body, principal }: Putting) {
    const definition = definitionOf(body)
    const old = findChannel(state(), namespace, name)
    refuseAbsent(header, old !== undefined, `channel ${name}`)
    const { target, messagesMax, windowMs, template } = definition
    if (definition.secret.url !== undefined) refuseUrl(egress, definition.secret.url)
    const { secret, generated } = secretOf(definition, old)
    const isEmpty = Object.keys(secret).length === 0
    const sealed = isEmpty ? null : sealer.seal(JSON.stringify(secret))
    const change = {
      target: shownOf(target, secret.url),
      messagesMax,
      windowMs,
      ...present({ template }),
      secret: sealed,
    }
    // What is kept of the secrets was decided by what was read here.
    const { ifVersion: asked } = ifVersionOrNew(header, old !== undefined, `channel ${name}`)
    const condition = { ifVersion: old ? (asked ?? old.version) : ('new' as const) }
    const by = principal.name
    await submit(context, { kind: 'channel-put', at: clock.now(), namespace, name, change, by, ...condition })
    const made = findChannel(state(), namespace, name)
    if (!made) throw new Problem('channel-not-found', 'it was deleted meanwhile')
    const reply: ChannelWithSecret = {
      channel: view(made),
      ...(generated === undefined ? {} : { secret: generated }),
    }
    return { isNew: !old, body: reply, headers: etag(made.version) }
  }

  function secretOf({ target, secret }: ChannelDefinition, old: Channel | undefined) {
    const kept = keptSecret(target, secret, old)
    const merged: ChannelSecret = { ...kept, ...secret }
    for (const name of ['password', 'secret', 'url'] as const) if (merged[name] === '') delete merged[name]
    if (target.kind !== 'email' && merged.url === undefined) throw invalid('/target/url', 'is missing')
    if (target.kind === 'webhook') {
      if (merged.secret === undefined) {
        const generated = generateSecret(random)
        return { secret: { ...merged, secret: generated }, generated }
      }
      refuseWeak(merged.secret)
    }
    return { secret: merged }
  }

  /** What stays of the secrets: a password goes only to whom it was given for, else whoever edits could read it. */
  function keptSecret(target: Channel['target'], given: ChannelSecret, old: Channel | undefined): ChannelSecret {
    if (old?.secret === undefined || old.target.kind !== target.kind) return {}
    const kept = openedSecret(sealer, old.secret)
    if (!kept) {
      if (target.kind !== 'email' || given.password !== undefined) return {}
      throw invalid('/target/password', 'has to be given again, because what is stored cannot be opened')
    }
    if (sharesPassword(old.target, target) || kept.password === undefined) return kept
    if (given.password !== undefined) return {}
    throw invalid('/target/password', 'has to be given again, because host, port, user or security are others')
  }

  async function remove(channel: Channel, header: { 'If-Match'?: string }) {
    await submit(context, { kind: 'channel-delete', at: clock.now(), channel: channel.uid, ...ifVersion(header) })
    return { status: 204 as const }
  }

  async function test({ uid, namespace }: Channel, by: string) {
    const made = await submit(context, { kind: 'channel-test', at: clock.now(), channel: uid, by })
    const message = state().alertMessages.get(made.message ?? -1)
    if (!message) throw new Problem('channel-not-found', 'it was deleted meanwhile')
    return { status: 202 as const, body: messageView(state(), message, namespace) }
  }

  async function messages({ uid, namespace }: Channel, query: Call<'listChannelMessages'>['query']) {
    const ids = state().alertIndex.messages.get(uid) ?? []
    const all = [...ids].flatMap((id) => state().alertMessages.get(id) ?? [])
    const matches = (message: AlertMessage) => query.state === undefined || message.state === query.state
    const page = await pageOf(all, matches, NEWEST, query)
    const items = page.items.map((message) => messageView(state(), message, namespace))
    return { status: 200 as const, body: { ...page, items } }
  }

  const at = (path: Path) => channelAt(state(), path)
  const within = (name: string) => namespaceNamed(state(), name).uid
  return {
    listChannels: ({ path, query }) => list(within(path.namespace), query),
    listClusterChannels: ({ query }) => list(0, query),
    listRecipients: ({ path }) => recipients(within(path.namespace)),
    listClusterRecipients: () => recipients(0),
    getChannel: ({ path }) => shown(at(path)),
    getClusterChannel: ({ path }) => shown(at(path)),
    async putChannel(call) {
      const name = nameInPath(call.body.name, call.path.channel)
      const { isNew, ...made } = await put(within(call.path.namespace), name, call)
      if (!isNew) return { status: 200, ...made }
      const location = `/v1/namespaces/${call.path.namespace}/channels/${name}`
      return { status: 201, ...made, headers: { ...made.headers, location } }
    },
    async putClusterChannel(call) {
      const name = nameInPath(call.body.name, call.path.channel)
      const { isNew, ...made } = await put(0, name, call)
      if (!isNew) return { status: 200, ...made }
      return { status: 201, ...made, headers: { ...made.headers, location: `/v1/channels/${name}` } }
    },
    deleteChannel: ({ path, header }) => remove(at(path), header),
    deleteClusterChannel: ({ path, header }) => remove(at(path), header),
    testChannel: ({ path, principal }) => test(at(path), principal.name),
    testClusterChannel: ({ path, principal }) => test(at(path), principal.name),
    listChannelMessages: ({ path, query }) => messages(at(path), query),
    listClusterChannelMessages: ({ path, query }) => messages(at(path), query),
  }
}

type Putting = Pick<Call<'putChannel'>, 'header' | 'body' | 'principal'>

function definitionOf(body: ChannelBody): ChannelDefinition {
  const read = readChannelDefinition(body)
  if ('faults' in read) throw new Problem('invalid-channel', undefined, read.faults)
  return read.definition
}

/** Where a webhook is, also when its URL stays what it was. */
function shownOf(target: Channel['target'], url: string | undefined): Channel['target'] {
  return target.kind === 'webhook' ? { ...target, origin: originOf(url) } : target
}

function refuseUrl(egress: ApiContext['egress'], url: string): void {
  const refused = egress.checkUrl(url)
  if (refused) throw new Problem('egress-refused', undefined, [{ ...refused, pointer: '/target/url' }])
}

function refuseWeak(secret: string): void {
  try {
    parseSecret(secret)
  } catch (error) {
    throw invalid('/target/secret', error instanceof Error ? error.message : 'is not a secret')
  }
}

function invalid(pointer: string, detail: string): Problem {
  return new Problem('invalid-channel', undefined, [{ pointer, detail }])
}
