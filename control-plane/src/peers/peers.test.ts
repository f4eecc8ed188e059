import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, expect, test, vi } from 'vitest'
import { Link } from '../../../test/support/link.ts'
import { PeerFault, PeerLost, PeerUnreachable } from '../cluster/network.ts'
import { systemClock } from '../runtime/clock.ts'
import { hastyClock } from '../runtime/hasty-clock.test-helper.ts'
import { PENDING_MAX } from './acceptor.ts'
import { dial } from './dial.ts'
import { PROTOCOL } from './hello.ts'
import { writeMessage } from './message-codec.ts'
import { peerPsk, peerTls } from './peer-tls.ts'
import { beat, CLUSTER, CLUSTER_KEY, closeNodes, join, openNode, until, type TestNode } from './peers.test-helper.ts'
import { FRAME } from './stream.ts'

const links: Link[] = []
afterEach(async () => {
  for (const link of links.splice(0)) link.close()
  await closeNodes()
})

const connected = async (from: TestNode, to: TestNode) =>
  until(() => expect(from.peers.infos().get(to.id)?.connected).toBe(true), { interval: 5 })

/** The connection of a member 1, to send over it what no member would. */
async function rawMember(to: TestNode) {
  const self = { ...to.self, member: 1, name: 'n1' }
  const tls = await peerTls({ kind: 'cluster-key', key: CLUSTER_KEY }, { clock: systemClock(), logger: console })
  const target = { address: to.peer.address, bearer: {}, channel: 'messages', as: { purpose: 'member' } } as const
  return dial(target, { clock: systemClock(), tls, self, versions: PROTOCOL })
}

/** n1 and n2, what n1 dials to reach n2 being a link that can be cut. */
async function cuttable(options: Parameters<typeof openNode>[1] = {}, others: typeof options = {}) {
  const n2 = await openNode(2, others)
  const link = await Link.open(n2.peers.address.port)
  links.push(link)
  const n1 = await openNode(1, { dial: new Map([['n2', `127.0.0.1:${link.port}`]]), ...options })
  join(n1, n2)
  await Promise.all([connected(n1, n2), connected(n2, n1)])
  return { n1, n2, link }
}

test('messages arrive in order, each with its fields, and only over a connection', async () => {
  const [n1, n2] = [await openNode(1), await openNode(2)]
  expect(n1.peers.send(beat(n1, n2))).toBe(false)
  join(n1, n2)
  await Promise.all([connected(n1, n2), connected(n2, n1)])
  for (let i = 0; i < 500; i++) expect(n1.peers.send(beat(n1, n2, i))).toBe(true)
  await until(() => expect(n2.messages).toHaveLength(500))
  expect(n2.messages).toEqual(Array.from({ length: 500 }, (_, i) => beat(n1, n2, i)))
  expect(n2.peers.silence(1)).toBeLessThan(5000)
  expect(n2.peers.silence(9)).toBeUndefined()
})

test('a message that is for somebody else is passed over', async () => {
  const n2 = await openNode(2)
  const { stream } = await rawMember(n2)
  for (const to of [5, 2]) {
    writeMessage(stream.out.begin(FRAME.message), { type: 'timeout-now', from: 1, to, term: 1 })
    stream.out.end()
  }
  stream.send()
  await until(() => expect(n2.messages).toMatchObject([{ to: 2 }]))
})

test('garbage from a member ends its connection and nothing else', async () => {
  const n2 = await openNode(2)
  for (const type of [FRAME.message, FRAME.request, FRAME.ping, FRAME.hello, 200]) {
    const { stream } = await rawMember(n2)
    const closed = new Promise((resolve) => {
      stream.events = { onFrame: () => undefined, onClose: resolve }
    })
    stream.out.begin(type).raw(Buffer.alloc(5, 255)).end()
    stream.send()
    await closed
  }
  const { stream } = await rawMember(n2)
  writeMessage(stream.out.begin(FRAME.message), { type: 'timeout-now', from: 1, to: 2, term: 1 })
  stream.out.end()
  stream.send()
  await until(() => expect(n2.messages).toHaveLength(1))
})

test('an address at which another member answers is not used', async () => {
  const [n1, n2] = [await openNode(1), await openNode(2)]
  n1.peers.setPeers([{ ...n2.peer, id: 3, name: 'n3' }])
  await until(() => expect(n1.peers.infos().get(3)?.fault).toBe('another member, n2, answers there'))
})

test('a request is answered; what its handler throws reaches the asker as text', async () => {
  const onRequest = async () => Promise.reject(new Error('the state is not there'))
  const [n1, n2, n3] = [await openNode(1), await openNode(2), await openNode(3, { handle: { onRequest } })]
  join(n1, n2, n3)
  await Promise.all([connected(n1, n2), connected(n1, n3)])
  const replies = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => n1.peers.request(2, 'submit', Buffer.from(String(i)), 5000)),
  )
  expect(replies.map(String)).toEqual(Array.from({ length: 200 }, (_, i) => `n2 got submit ${i} from 1`))
  const refused = n1.peers.request(3, 'submit', Buffer.alloc(0), 5000)
  await expect(refused).rejects.toThrow(PeerFault)
  await expect(refused).rejects.toThrow('the state is not there')
})

test('a request without a connection was certainly not handled', async () => {
  const n1 = await openNode(1)
  await expect(n1.peers.request(2, 'submit', Buffer.alloc(0), 1000)).rejects.toThrow(PeerUnreachable)
})

test('a request that gets no reply in time, or whose connection breaks, may have been handled', async () => {
  const asked = vi.fn(async () => new Promise<Uint8Array>(() => undefined))
  const n2 = await openNode(2, { handle: { onRequest: asked } })
  const n1 = await openNode(1)
  join(n1, n2)
  await connected(n1, n2)
  await expect(n1.peers.request(2, 'submit', Buffer.alloc(0), 30)).rejects.toThrow(PeerLost)
  const waiting = n1.peers.request(2, 'submit', Buffer.alloc(0), 60_000)
  const lost = expect(waiting).rejects.toThrow(PeerLost)
  await until(() => expect(asked).toHaveBeenCalledTimes(2))
  await n2.peers.close()
  await lost
})

test('a connection that breaks is said once, and made again', async () => {
  const { n1, n2, link } = await cuttable()
  link.set({ kind: 'break' })
  await until(() => expect(n1.unreachable).toEqual([2]))
  for (let i = 0; i < 10; i++) expect(n1.peers.send(beat(n1, n2))).toBe(false)
  expect(n1.unreachable).toEqual([2])
  link.set({ kind: 'open' })
  await connected(n1, n2)
  expect(n1.peers.send(beat(n1, n2, 7))).toBe(true)
  await until(() => expect(n2.messages).toEqual([beat(n1, n2, 7)]))
})

test('a link cut in one direction leaves the other as it was', async () => {
  const { n1, n2, link } = await cuttable()
  link.set({ kind: 'break' })
  await until(() => expect(n1.unreachable).toEqual([2]))
  for (let i = 0; i < 100; i++) expect(n2.peers.send(beat(n2, n1, i))).toBe(true)
  await until(() => expect(n1.messages).toHaveLength(100))
  expect((await n2.peers.request(1, 'status', Buffer.from('up'), 2000)).toString()).toBe('n1 got status up from 2')
  expect(n1.peers.send(beat(n1, n2))).toBe(false)
})

test('a link over which nothing comes any more is given up within seconds', async () => {
  // Time goes by slower for the other one, so that it notices later.
  const { n1, n2, link } = await cuttable({ clock: hastyClock(10) }, { clock: hastyClock(5) })
  link.set({ kind: 'hold' })
  await until(() => expect(n1.unreachable).toEqual([2]))
  expect(n1.log.map(({ fields }) => fields['reason'])).toContain('nothing came for 3 s')
  expect(n2.peers.silence(1)).toBeGreaterThan(1000)
  expect(n2.peers.send(beat(n2, n1))).toBe(true)
})

test('a member from whom nothing comes any more loses its connection, and not before', async () => {
  const n2 = await openNode(2, { clock: hastyClock(10) })
  const { stream } = await rawMember(n2)
  await new Promise((resolve) => {
    stream.events = { onFrame: () => undefined, onClose: resolve }
  })
  expect(n2.peers.silence(1)).toBeGreaterThan(2000)
})

test('beyond its cap of bytes a queue drops, says so once, and takes messages again when there is room', async () => {
  const { n1, n2, link } = await cuttable({ queueBytesMax: 300_000 })
  link.set({ kind: 'hold' })
  const data = Buffer.alloc(60_000, 1)
  const entries = [{ index: 1, term: 1, kind: 'normal' as const, data }]
  const append = { type: 'append', from: 1, to: 2, term: 1, index: 0, logTerm: 0, commit: 0, entries } as const
  // What a link holds back fills the pipes of the system first.
  await until(
    () => {
      let taken = 0
      while (n1.peers.send(append)) taken += 1
      expect(taken).toBeLessThanOrEqual(6)
      expect(taken).toBe(0)
    },
    { interval: 5, timeout: 2500 },
  )
  expect(n1.unreachable).toContain(2)
  link.set({ kind: 'open' })
  await until(() => expect(n1.peers.send(beat(n1, n2))).toBe(true), { interval: 20, timeout: 8000 })
  await until(() => expect(n2.messages.at(-1)).toEqual(beat(n1, n2)), { timeout: 8000 })
})

test('nodes know by how much their clocks differ', async () => {
  const ahead = { ...systemClock(), now: () => Date.now() + 90_000 }
  const [n1, n2] = [await openNode(1), await openNode(2, { clock: ahead })]
  join(n1, n2)
  await until(() => expect(n1.peers.clockOffsets().get(2)).toBeGreaterThan(89_000))
  expect(n1.peers.clockOffsets().get(2)).toBeLessThan(91_000)
  await until(() => expect(n2.peers.clockOffsets().get(1)).toBeLessThan(-89_000))
  expect(n1.peers.infos().get(2)?.remote).toMatchObject({ name: 'n2', build: '1.2.3', tzdata: '2026b', version: 1 })
})

test('S104 another key, another cluster and a removed member are refused, and see why', async () => {
  const n1 = await openNode(1, {
    admit: (member) => (member === 4 ? 'removed' : member === 5 ? 'unknown-member' : 'welcome'),
  })
  const other = await openNode(3, { cluster: 'ffffffffffffffff' })
  const [removed, unknown] = [await openNode(4), await openNode(5)]
  const wrongKey = await openNode(6, { credentials: { kind: 'cluster-key', key: Buffer.alloc(32, 8) } })
  for (const node of [other, removed, unknown, wrongKey]) node.peers.setPeers([n1.peer])
  const why = async (node: TestNode) => {
    await until(() => expect(node.refused).not.toEqual([]))
    return [node.refused[0]?.code, node.refused[0]?.reason]
  }
  expect(await why(other)).toEqual(['other-cluster', `n1 belongs to cluster ${CLUSTER}, not to ffffffffffffffff`])
  expect(await why(removed)).toEqual(['removed', 'n4 was removed from the cluster'])
  expect(await why(unknown)).toEqual(['unknown-member', 'n1 knows no such member of the cluster'])
  await until(() => expect(wrongKey.peers.infos().get(1)?.fault).toContain('does not prove the same key'))
  expect(wrongKey.log.filter(({ message }) => message === 'no connection to a member')).toHaveLength(1)
  expect(n1.log.map(({ message }) => message)).toContain('a connection to the peer port did not prove itself')
  await until(() => expect(removed.refused.length).toBeGreaterThan(2))
  expect(n1.log.filter(({ fields }) => fields['member'] === 'n4')).toHaveLength(1)
})

test('nodes of no common version refuse each other with a reason that names both', async () => {
  const [n1, n2] = [await openNode(1), await openNode(2, { versions: { min: 3, max: 4 } })]
  join(n1, n2)
  const reason = (a: number, b: number) =>
    new RegExp(`cannot talk to .* versions ${a} to .* of the protocol between members, and the other node ${b} to`)
  await until(() =>
    expect(n1.refused[0]).toMatchObject({ code: 'version', reason: expect.stringMatching(reason(3, 1)) as string }),
  )
  await until(() =>
    expect(n2.refused[0]).toMatchObject({ code: 'version', reason: expect.stringMatching(reason(1, 3)) as string }),
  )
})

test('the highest version that both know is spoken', async () => {
  const [n1, n2] = [
    await openNode(1, { versions: { min: 1, max: 7 } }),
    await openNode(2, { versions: { min: 2, max: 5 } }),
  ]
  join(n1, n2)
  await until(() => expect(n1.peers.infos().get(2)?.remote?.version).toBe(5))
})

test('a member whom this one does not know yet gets its answers all the same', async () => {
  const [n1, n4] = [await openNode(1), await openNode(4)]
  n4.peers.setPeers([n1.peer])
  await connected(n4, n1)
  n4.peers.send(beat(n4, n1))
  await until(() => expect(n1.messages).toHaveLength(1))
  await until(() => expect(n1.peers.send(beat(n1, n4))).toBe(true))
  await until(() => expect(n4.messages).toHaveLength(1))
})

test('who is no peer any more loses its connections', async () => {
  const gone = new Set<number>()
  const n1 = await openNode(1, { admit: (member) => (gone.has(member) ? 'removed' : 'welcome') })
  const n2 = await openNode(2)
  join(n1, n2)
  await Promise.all([connected(n1, n2), connected(n2, n1)])
  gone.add(2)
  n1.peers.setPeers([n1.peer])
  await until(() => expect(n2.unreachable).toEqual([1]))
  expect(n1.peers.send(beat(n1, n2))).toBe(false)
  await until(() => expect(n2.refused[0]).toMatchObject({ code: 'removed', member: 1 }))
})

test('a token opens a connection to join, which is for that only', async () => {
  const [key, id] = [Buffer.alloc(32, 3), 'abc']
  const joinKey = (token: string) => (token === id ? key : undefined)
  const n1 = await openNode(1, { credentials: { kind: 'cluster-key', key: CLUSTER_KEY, joinKey } })
  const fresh = await openNode(9, {
    cluster: undefined as unknown as string,
    credentials: { kind: 'cluster-key', key: Buffer.alloc(32, 1) },
  })
  const line = await fresh.peers.dial(n1.peer.address, { purpose: 'join', token: { id, key } })
  expect((await line.request('join', Buffer.from('me'), 2000)).toString()).toBe('n1 was asked join me')
  expect(n1.strangers).toMatchObject([{ purpose: 'join', token: 'abc', member: 9, name: 'n9' }])
  await expect(line.request('submit', Buffer.alloc(0), 2000)).rejects.toThrow('for that only')
  line.close()
  for (const token of [
    { id: 'abd', key },
    { id, key: Buffer.alloc(32, 4) },
  ]) {
    await expect(fresh.peers.dial(n1.peer.address, { purpose: 'join', token })).rejects.toThrow(
      'does not prove the same key',
    )
  }
})

test('the key of a join token opens nothing else', async () => {
  const key = Buffer.alloc(32, 3)
  const n1 = await openNode(1, { credentials: { kind: 'cluster-key', key: CLUSTER_KEY, joinKey: () => key } })
  const tls = await peerTls({ kind: 'cluster-key', key: CLUSTER_KEY }, { clock: systemClock(), logger: console })
  // The TLS of a token under the hello of a member.
  const disguised = { ...tls, client: () => tls.client({}, { identity: 'join:abc', key }) }
  const self = { ...n1.self, member: 7, name: 'n7' }
  const target = { address: n1.peer.address, bearer: {}, channel: 'messages', as: { purpose: 'member' } } as const
  await expect(dial(target, { clock: systemClock(), tls: disguised, self, versions: PROTOCOL })).rejects.toThrow(
    'the key that was proved is not one for the purpose member',
  )
})

test('nodes of no cluster yet find each other by the key of the cluster', async () => {
  const none = { cluster: undefined as unknown as string }
  const [n1, n2, n3] = [await openNode(1, none), await openNode(2, none), await openNode(3)]
  const line = await n1.peers.dial(n2.peer.address, { purpose: 'bootstrap' })
  expect(line.remote).toMatchObject({ member: 2, name: 'n2', cluster: undefined })
  expect((await line.request('bootstrap', Buffer.from('?'), 2000)).toString()).toBe('n2 was asked bootstrap ?')
  const founded = await n1.peers.dial(n3.peer.address, { purpose: 'bootstrap' })
  expect(founded.remote.cluster).toBe(CLUSTER)
  await expect(n1.peers.dial(n2.peer.address, { purpose: 'member' })).rejects.toThrow('belongs to no cluster yet')
})

test('a hello of more than 1 KiB, or one that does not come, ends the connection', async () => {
  const n1 = await openNode(1)
  const { port } = n1.peers.address
  const tls = () =>
    connectTls({
      port,
      host: '127.0.0.1',
      ciphers: 'TLS_AES_128_GCM_SHA256',
      ca: [],
      checkServerIdentity: () => undefined,
      pskCallback: () => ({ identity: CLUSTER, psk: peerPsk(CLUSTER_KEY, CLUSTER) }),
    })
  const long = tls()
  await once(long, 'secureConnect')
  const head = Buffer.alloc(9)
  head.writeUInt32LE(1025)
  long.on('error', () => undefined).write(head)
  const begun = performance.now()
  await once(long, 'close')
  expect(performance.now() - begun).toBeLessThan(1500)
  const [silent, mute] = [tls(), connect(port, '127.0.0.1')]
  for (const socket of [silent, mute]) socket.on('error', () => undefined).resume()
  await Promise.all([once(silent, 'close'), once(mute, 'close')])
  expect(performance.now() - begun).toBeLessThan(4500)
})

test('of those who have not said hello only so many are waited for', async () => {
  const n1 = await openNode(1)
  const sockets = Array.from({ length: PENDING_MAX }, () => connect(n1.peers.address.port, '127.0.0.1'))
  await Promise.all(sockets.map(async (socket) => once(socket, 'connect')))
  const further = connect(n1.peers.address.port, '127.0.0.1')
  await once(further.on('error', () => undefined).resume(), 'close')
  expect(sockets.filter(({ closed }) => closed)).toEqual([])
  for (const socket of sockets) socket.destroy()
  const n2 = await openNode(2)
  n2.peers.setPeers([n1.peer])
  await connected(n2, n1)
})

test('a port that no member listens on is not taken for one', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const n1 = await openNode(1)
  const address = `127.0.0.1:${(server.address() as { port: number }).port}`
  await expect(n1.peers.dial(address, { purpose: 'bootstrap' })).rejects.toThrow('or no peer port')
  server.close()
  await expect(n1.peers.dial(address, { purpose: 'bootstrap' })).rejects.toThrow('ECONNREFUSED')
})
