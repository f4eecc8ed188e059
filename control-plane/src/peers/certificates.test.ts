import { cpSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type CertificateFiles, PrivateCa } from '../../../test/support/private-ca.ts'
import { systemClock } from '../runtime/clock.ts'
import { dial } from './dial.ts'
import { PROTOCOL } from './hello.ts'
import type { PeersOptions } from './options.ts'
import { peerTls } from './peer-tls.ts'
import { beat, closeNodes, join, openNode, until, type TestNode } from './peers.test-helper.ts'

let ca: PrivateCa
let otherCa: PrivateCa
beforeAll(() => {
  ca = new PrivateCa()
  otherCa = new PrivateCa()
})
afterAll(() => {
  ca.remove()
  otherCa.remove()
})
afterEach(closeNodes)

const certificates = (files: CertificateFiles, by: PrivateCa = ca): PeersOptions['credentials'] => ({
  kind: 'certificates',
  ...files,
  ca: by.ca,
})
const node = async (id: number, files: CertificateFiles, by: PrivateCa = ca) =>
  openNode(id, { credentials: certificates(files, by) })

const connected = async (from: TestNode, to: TestNode) =>
  until(() => expect(from.peers.infos().get(to.id)?.connected).toBe(true))

/** Why `from` has no connection to `to`. */
async function fault(from: TestNode, to: TestNode): Promise<string> {
  await until(() => expect(from.peers.infos().get(to.id)?.fault).toBeDefined())
  return from.peers.infos().get(to.id)?.fault ?? ''
}

test.each([
  ['their names', (id: number) => `DNS:n${id}`],
  ['their addresses', () => 'IP:127.0.0.1'],
  ['URIs', (id: number) => `URI:cronclave://n${id}`],
  ['common names only', () => ''],
])('members with certificates for %s talk to each other', async (_, names) => {
  const [n1, n2] = [
    await node(1, ca.issue('n1', names(1))),
    await node(2, ca.issue(names(2) === '' ? 'n2' : 'x', names(2))),
  ]
  join(n1, n2)
  await Promise.all([connected(n1, n2), connected(n2, n1)])
  n1.peers.send(beat(n1, n2))
  await until(() => expect(n2.messages).toHaveLength(1))
})

test('a certificate by another CA is refused by both sides', async () => {
  const n1 = await node(1, ca.issue('n1', 'DNS:n1'))
  const n2 = await node(2, otherCa.issue('n2', 'DNS:n2'), otherCa)
  join(n1, n2)
  expect(await fault(n1, n2)).toBe('its certificate is not signed by the given CA')
  expect(await fault(n2, n1)).toBe('its certificate is not signed by the given CA')
  // One who trusts ours, and has one that we do not trust.
  const n3 = await node(3, otherCa.issue('n3', 'DNS:n3'))
  n3.peers.setPeers([n1.peer])
  expect(await fault(n3, n1)).toBe('it refused: the certificate is not signed by the given CA')
  expect(n3.refused[0]).toMatchObject({ code: 'not-allowed' })
})

test('an expired certificate is refused by both sides', async () => {
  const n1 = await node(1, ca.issue('n1', 'DNS:n1'))
  const n2 = await node(2, ca.issue('n2', 'DNS:n2', -1))
  join(n1, n2)
  expect(await fault(n1, n2)).toBe('its certificate has expired')
  expect(await fault(n2, n1)).toBe('it refused: the certificate has expired')
})

test("another member's certificate is refused by both sides", async () => {
  const n1 = await node(1, ca.issue('n1', 'DNS:n1'))
  const n2 = await node(2, ca.issue('n3', 'DNS:n3,URI:cronclave://n3'))
  join(n1, n2)
  expect(await fault(n1, n2)).toBe('the certificate is for CN:n3, DNS:n3, URI:cronclave://n3, not for n2 at 127.0.0.1')
  expect(await fault(n2, n1)).toContain('it refused: the certificate is for CN:n3')
})

test('a node that shows no certificate is refused, and so is the key of the cluster', async () => {
  const n1 = await node(1, ca.issue('n1', 'DNS:n1'))
  const own = await peerTls(certificates(ca.issue('n2', 'DNS:n2')), { clock: systemClock(), logger: console })
  const { cert: _, key: __, ...bare } = own.client({ name: 'n1' }, { identity: '' })
  own.close()
  const target = { address: n1.peer.address, bearer: {}, channel: 'messages', as: { purpose: 'member' } } as const
  const deps = {
    clock: systemClock(),
    tls: { ...own, client: () => bare },
    self: { ...n1.self, member: 2 },
    versions: PROTOCOL,
  }
  await expect(dial(target, deps)).rejects.toThrow('a certificate is needed, and none came')
  const n3 = await openNode(3)
  join(n1, n3)
  expect(await fault(n3, n1)).toBe('it shows a certificate instead of proving the key of the cluster')
  expect(await fault(n1, n3)).toContain('it may have no certificates')
})

test('a node with a key never takes a certificate instead, not of a public CA either', async () => {
  const n1 = await openNode(1)
  const files = ca.issue('n2', 'DNS:n2,IP:127.0.0.1')
  const n2 = await node(2, files)
  await expect(n1.peers.dial(n2.peer.address, { purpose: 'bootstrap' })).rejects.toThrow('it shows a certificate')
})

test('a new certificate is used as soon as it is there, without a restart', async () => {
  const expired = ca.issue('n2', 'DNS:n2', -1)
  const [n1, n2] = [await node(1, ca.issue('n1', 'DNS:n1')), await node(2, expired)]
  join(n1, n2)
  expect(await fault(n1, n2)).toBe('its certificate has expired')
  const renewed = ca.issue('n2', 'DNS:n2')
  // The certificate before its key, as a renewal may find it: half of it is never used.
  cpSync(renewed.cert, expired.cert)
  await until(() => expect(n2.log.map(({ message }) => message)).toContain('new certificates cannot be used yet'), {
    timeout: 8000,
  })
  cpSync(renewed.key, expired.key)
  const patient = { timeout: 10_000, interval: 50 }
  await until(() => expect(n1.peers.infos().get(2)?.connected).toBe(true), patient)
  await until(() => expect(n2.peers.infos().get(1)?.connected).toBe(true), patient)
})

test('files that cannot be used are said at the start', async () => {
  const [a, b] = [ca.issue('n1', 'DNS:n1'), ca.issue('n1', 'DNS:n1')]
  await expect(node(1, { cert: '/nowhere.pem', key: a.key })).rejects.toThrow('/nowhere.pem cannot be read')
  await expect(node(1, { cert: a.cert, key: b.key })).rejects.toThrow('cannot be used')
  await expect(node(1, a, { ca: a.key } as PrivateCa)).rejects.toThrow('holds no certificate')
})
