import { afterEach, expect, test } from 'vitest'
import { PeerLost, PeerUnreachable } from '../cluster/network.ts'
import type { Message } from '../raft/types.ts'
import type { Admission } from './options.ts'
import { beat, closeNodes, join, openNode, until, type TestNode } from './peers.test-helper.ts'

afterEach(closeNodes)

const connected = async (from: TestNode, to: TestNode) =>
  until(() => expect(from.peers.infos().get(to.id)?.connected).toBe(true))

test('who is out loses every connection as soon as it is asked anew who is in, lines included', async () => {
  const gone = new Set<number>()
  const n1 = await openNode(1, { admit: (member) => (gone.has(member) ? 'removed' : 'welcome') })
  const n2 = await openNode(2)
  n2.peers.setPeers([n1.peer])
  await connected(n2, n1)
  const line = await n2.peers.dial(n1.peer.address, { purpose: 'member' })
  expect((await line.request('submit', Buffer.from('a'), 2000)).toString()).toBe('n1 got submit a from 2')
  gone.add(2)
  n1.peers.recheck()
  await until(() => expect(n2.refused[0]).toMatchObject({ code: 'removed', member: 1 }))
  await expect(line.request('submit', Buffer.from('b'), 2000)).rejects.toBeInstanceOf(PeerUnreachable)
})

test('a guest is heard and answered with messages, and none of its requests is taken', async () => {
  let admission: Admission = 'guest'
  const handled: string[] = []
  const onRequest = async (_from: number, kind: string) => Promise.resolve(Buffer.from(`${handled.push(kind)}`))
  const n1 = await openNode(1, { admit: () => admission, handle: { onRequest } })
  const n4 = await openNode(4)
  n4.peers.setPeers([n1.peer])
  await connected(n4, n1)
  n4.peers.send(beat(n4, n1))
  await until(() => expect(n1.messages).toHaveLength(1))
  await until(() => expect(n1.peers.send(beat(n1, n4))).toBe(true))
  const asked = n4.peers.request(1, 'submit', Buffer.alloc(0), 2000)
  await expect(asked).rejects.toEqual(new PeerUnreachable('only members are answered'))
  await expect(n4.peers.dial(n1.peer.address, { purpose: 'member' })).rejects.toThrow('knows no such member')
  expect(handled).toEqual([])
  const wanted: Message = { type: 'propose', from: 4, to: 1, term: 0, entries: [] }
  n4.peers.send(wanted)
  n4.peers.send(beat(n4, n1, 2))
  await until(() => expect(n1.messages).toEqual([beat(n4, n1), beat(n4, n1, 2)]))
  admission = 'welcome'
  n1.peers.recheck()
  await n4.peers.request(1, 'submit', Buffer.alloc(0), 2000)
  expect(handled).toEqual(['submit'])
  n4.peers.send(wanted)
  await until(() => expect(n1.messages).toHaveLength(3))
})

test('nobody sends a message in the name of another member', async () => {
  const [n1, n2] = [await openNode(1), await openNode(2)]
  join(n1, n2)
  await connected(n2, n1)
  n2.peers.send({ ...beat(n2, n1), from: 3 })
  await until(() => expect(n2.unreachable).toEqual([1]))
  expect(n1.messages).toEqual([])
  expect(n2.peers.infos().get(1)?.fault).not.toBe('')
})

test('whoever is no member sends short frames only', async () => {
  const none = { cluster: undefined as unknown as string }
  const [n1, n2] = [await openNode(1, none), await openNode(2, none)]
  const line = await n1.peers.dial(n2.peer.address, { purpose: 'bootstrap' })
  await expect(line.request('bootstrap', Buffer.alloc(200_000), 5000)).rejects.toBeInstanceOf(PeerLost)
  expect(n2.strangers).toEqual([])
})
