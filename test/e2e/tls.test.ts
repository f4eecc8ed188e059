import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Cluster, MemberAdded } from '@cronclave/openapi'
import { Child, type Ended } from '../support/child.ts'
import { freePorts } from '../support/ports.ts'
import { type CertificateFiles, PrivateCa } from '../support/private-ca.ts'
import { spawnServer } from '../support/server.ts'
import { eventually } from './harness.ts'

const BIN = 'control-plane/dist/cli/main.js'
const LOCAL = 'IP:127.0.0.1'
let ca: PrivateCa
let otherCa: PrivateCa
let folder: string
let servers: Child[]
beforeAll(() => {
  ca = new PrivateCa()
  otherCa = new PrivateCa()
})
afterAll(() => {
  ca.remove()
  otherCa.remove()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cronclave-tls-'))
  servers = []
})
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop('SIGKILL')))
  rmSync(folder, { recursive: true, force: true })
})

interface Node {
  child: Child
  endpoint: string
  folder: string
}

/** A server whose two ports speak with certificates. */
async function server(name: string, peer: CertificateFiles, flags: string[] = [], peerCa = ca): Promise<Node> {
  const [port = 0, peerPort = 0] = await freePorts(2)
  const api = ca.issue(`api-${name}`, LOCAL)
  const child = spawnServer({
    folder: join(folder, name),
    port,
    flags: [
      ...['--node-name', name, '--peer-listen-port', String(peerPort), '--log-level', 'info'],
      ...['--tls-cert', api.cert, '--tls-key', api.key],
      ...['--peer-cert', peer.cert, '--peer-key', peer.key, '--peer-ca', peerCa.ca],
      ...flags,
    ],
  })
  servers.push(child)
  return { child, endpoint: `https://127.0.0.1:${port}`, folder: join(folder, name) }
}

/** The command line against a server, with the administrator's token of the first one. */
async function cli(node: Node, ...argv: string[]): Promise<Ended> {
  const tokenFile = join(folder, 'n1', 'admin.token')
  return new Child([BIN, ...argv, '--endpoint', node.endpoint, '--token-file', tokenFile], {}).ended
}

const trusting = (by: PrivateCa) => ['--ca', by.ca]

function dataOf({ code, said }: Ended): unknown {
  expect([code, code === 0 ? '' : said]).toEqual([0, ''])
  return JSON.parse(said.slice(said.indexOf('{'), said.lastIndexOf('}') + 1))
}

async function first(): Promise<Node> {
  const n1 = await server('n1', ca.issue('n1', 'DNS:n1'))
  await eventually('n1 serves', () => existsSync(join(n1.folder, 'admin.token')))
  await eventually('n1 leads', async () => (await cli(n1, 'member', 'list', ...trusting(ca))).code === 0)
  return n1
}

/** Has a member added, and gives the flags with which its node joins. */
async function added(n1: Node, name: string): Promise<string[]> {
  const { token } = dataOf(await cli(n1, 'member', 'add', '--name', name, '-o', 'json', ...trusting(ca))) as MemberAdded
  const file = join(folder, `${name}.join`)
  writeFileSync(file, token)
  return ['--join-file', file]
}

test('S018 the command line talks to a server of a private CA when it trusts that CA, and to no other', async () => {
  const n1 = await first()
  const list = await cli(n1, 'member', 'list', '-o', 'json', ...trusting(ca))
  expect((dataOf(list) as Cluster).members).toMatchObject([{ name: 'n1', state: 'voter' }])
  const strangers = await cli(n1, 'member', 'list', ...trusting(otherCa))
  expect([strangers.code, strangers.said]).toEqual([expect.not.toSatisfy((code) => code === 0), expect.any(String)])
  expect(strangers.said).toMatch(/UNABLE_TO|SELF_SIGNED|CERT_/)
  expect((await cli(n1, 'member', 'list')).said).toMatch(/UNABLE_TO|SELF_SIGNED/)
  const plain = { ...n1, endpoint: n1.endpoint.replace('https', 'http') }
  expect((await cli(plain, 'member', 'list', ...trusting(ca))).code).not.toBe(0)
})

test('S018 a node joins with certificates of its own, and not with another CA or for another name', async () => {
  const n1 = await first()
  const n2 = await server('n2', ca.issue('n2', 'DNS:n2'), await added(n1, 'n2'))
  await eventually('n2 votes', async () => {
    const { members } = dataOf(await cli(n1, 'member', 'list', '-o', 'json', ...trusting(ca))) as Cluster
    return members.find(({ name }) => name === 'n2')?.state === 'voter'
  })
  const seen = dataOf(await cli(n2, 'member', 'list', '-o', 'json', ...trusting(ca))) as Cluster
  expect(seen.members.map(({ name, fault }) => [name, fault])).toEqual([
    ['n1', undefined],
    ['n2', undefined],
  ])
  const key = (node: Node) => readFileSync(join(node.folder, 'cluster.key'), 'utf8')
  expect(key(n2)).toBe(key(n1))

  const flags = await added(n1, 'n3')
  for (const [certificate, by, why] of [
    [otherCa.issue('n3', 'DNS:n3'), otherCa, /is not signed by the given CA/],
    [ca.issue('n9', 'DNS:n9'), ca, /the certificate is for CN:n9, DNS:n9, not for n3/],
    [ca.issue('n3', 'DNS:n3', -1), ca, /has expired|expired/],
  ] as const) {
    const n3 = await server('n3', certificate, flags, by)
    await n3.child.says(why)
    expect(existsSync(join(n3.folder, 'cluster.key'))).toBe(false)
    await n3.child.stop('SIGKILL')
  }
  // Nothing of that has used the token up.
  await server('n3', ca.issue('n3', 'DNS:n3'), flags)
  await eventually('n3 votes', async () => {
    const { members } = dataOf(await cli(n1, 'member', 'list', '-o', 'json', ...trusting(ca))) as Cluster
    return members.find(({ name }) => name === 'n3')?.state === 'voter'
  })
})
