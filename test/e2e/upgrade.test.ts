import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster as View, ClusterHash } from '@cronclave/openapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../support/child.ts'
import { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'

/*
 * The next version of the server: a copy of what was built, with one more kind of command, which marks the log as
 * `hash-mark` does, and with the cluster version that brings it. Its nodes use it where the older ones use `hash-mark`.
 */
const PATCHES: [file: string, from: string, to: string][] = [
  ['state/commands.js', 'export const COMMAND_VERSION = 1;', 'export const COMMAND_VERSION = 2;'],
  ['state/command-versions.js', 'export const COMMAND_SINCE = {};', "export const COMMAND_SINCE = { 'mark-anew': 2 };"],
  ['state/apply.js', "case 'hash-mark':", "case 'mark-anew':\n        case 'hash-mark':"],
  ['cluster/observer.js', "kind: 'hash-mark'", "kind: 'mark-anew'"],
]

let folder: string
let newer: string
let cluster: Cluster

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cronclave-upgrade-'))
  newer = join(folder, 'control-plane', 'dist')
  cpSync(join(ROOT, 'control-plane/dist'), newer, { recursive: true })
  cpSync(join(ROOT, 'control-plane/package.json'), join(folder, 'control-plane', 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const [file, from, to] of PATCHES) {
    const path = join(newer, file)
    const text = readFileSync(path, 'utf8')
    expect([file, text.split(from).length]).toEqual([file, 2])
    writeFileSync(path, text.replace(from, to))
  }
})

afterAll(async () => {
  await cluster?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const answer = await probe().catch(() => undefined)
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`not in time: ${what}\n${cluster.said()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Stops a node as its operator would, and starts it with another build. */
async function restart(node: ClusterNode, build: 'newer' | 'older'): Promise<void> {
  await node.end('SIGTERM')
  node.start([], build === 'newer' ? join(newer, 'cli/main.js') : undefined)
  await until(`${node.name} serves`, async () => ((await node.ask('GET', '/readyz')).status === 200 ? true : undefined))
}

test('nodes are replaced by a newer build one by one under load, and what is new in it is refused until the last', async () => {
  cluster = await Cluster.start({ nodes: 3 })
  const token = await cluster.token()
  const [n1, n2, n3] = cluster.nodes as [ClusterNode, ClusterNode, ClusterNode]
  const hash = (node: ClusterNode) => node.ask<ClusterHash & { code?: string }>('POST', '/v1/cluster/hash', { token })
  const view = async () => (await n3.ask<View>('GET', '/v1/cluster', { token })).body
  const version = async () => (await view()).clusterVersion

  let writing = true
  let acknowledged = 0
  const writer = (async () => {
    while (writing) {
      const reply = await cluster
        .call('PUT', '/v1/namespaces/default/kv/upgrade', { count: acknowledged + 1 })
        .then(() => true)
        .catch(() => false)
      if (reply) acknowledged++
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  })()
  try {
    expect((await hash(n1)).body).toMatchObject({ equal: true })

    await restart(n1, 'newer')
    const refused = await hash(n1)
    expect([refused.status, refused.body.code]).toEqual([409, 'cluster-version-too-low'])
    expect((await hash(n3)).body).toMatchObject({ equal: true })
    const held = await until('the older members are named', async () => {
      const { alarms } = await view()
      return alarms.some(({ code }) => code === 'cluster-version-held') ? alarms : undefined
    })
    expect(held.filter(({ code }) => code === 'cluster-version-held').map(({ member }) => member)).toEqual(['n2', 'n3'])

    // Back again, as long as the last one has not followed.
    await restart(n1, 'older')
    expect((await hash(n1)).body).toMatchObject({ equal: true })

    await restart(n1, 'newer')
    await restart(n2, 'newer')
    expect((await hash(n2)).body.code).toBe('cluster-version-too-low')
    expect(await version()).toBe(1)
    await restart(n3, 'newer')
    await until('the cluster is at version 2', async () => ((await version()) === 2 ? true : undefined))
    for (const node of cluster.nodes) {
      const { body } = await hash(node)
      expect(body).toMatchObject({ equal: true })
      expect(body.members.filter((member) => member.hash !== undefined)).toHaveLength(3)
    }
  } finally {
    writing = false
    await writer
  }
  expect(acknowledged).toBeGreaterThan(50)
  const { body } = await n2.ask<{ count: number }>('GET', '/v1/namespaces/default/kv/upgrade', { token })
  expect(body.count).toBeGreaterThanOrEqual(acknowledged)

  // From then on the older build refuses the folder, and says which one it needs.
  await n1.end('SIGTERM')
  n1.start()
  const { code, said } = await n1.child.ended
  expect([code, said]).toEqual([74, expect.stringContaining('this build of Cronclave knows versions up to 1')])
})
