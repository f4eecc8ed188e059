import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Alert, AlertDetail, ChannelWithSecret, Run } from '@cronclave/openapi'
import { expect, onTestFinished, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import { eventually, HOME } from './harness.ts'

interface Heard {
  at: number
  type: string
  key: string
  title: string
}

/** Takes messages of a webhook. */
async function startHook(): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { type, data } = JSON.parse(Buffer.concat(parts).toString()) as {
        type: string
        data: { key: string; title: string }
      }
      heard.push({ at: Date.now(), type, key: data.key, title: data.title })
      response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, heard }
}

test('S105 S106 three nodes: a failure is told within 2 s, a node that is killed once and when it is back, whoever leads', async () => {
  const cluster = await Cluster.start({ nodes: 3 })
  onTestFinished(() => cluster.close())
  const hook = await startHook()
  const target = { kind: 'webhook', url: hook.url }
  const made = await cluster.call<ChannelWithSecret>('PUT', '/v1/channels/hook', { target, messagesMax: 100 })
  expect(made.secret).toMatch(/^whsec_/)
  const channels = ['cluster/hook']
  // Nobody listens there.
  const job = { name: 'broken', target: { kind: 'http', method: 'GET', url: 'http://127.0.0.1:1/' } }
  await cluster.call('POST', `${HOME}/jobs`, { ...job, timeout: '1s' })
  await cluster.call('PUT', `${HOME}/alert-rules/failing`, { condition: { kind: 'run-ended' }, channels })
  await cluster.call('PUT', '/v1/alert-rules/node', { condition: { kind: 'node-gone', for: '2s' }, channels })

  const run = await cluster.call<Run>('POST', `${HOME}/jobs/broken/trigger`)
  await eventually('the failure is told', () => hook.heard.length > 0)
  const ended = await cluster.call<Run>('GET', `${HOME}/runs/${run.id}`)
  expect((hook.heard[0]?.at ?? 0) - Date.parse(ended.endedAt ?? '')).toBeLessThan(2000)
  expect(hook.heard[0]).toMatchObject({ type: 'alert.fired' })
  expect(hook.heard[0]?.title).toContain('broken')

  const leader = await cluster.leader()
  await leader.end('SIGKILL')
  await cluster.leader()
  const again = await cluster.call<Run>('POST', `${HOME}/jobs/broken/trigger`)
  const count = (type: string, words: string) =>
    hook.heard.filter((each) => each.type === type && each.title.includes(words)).length
  await eventually('that the node is gone is told', () => count('alert.fired', leader.name) > 0)
  await eventually('the second failure counts', async () => {
    const { items } = await cluster.call<{ items: Alert[] }>('GET', `${HOME}/alerts?rule=failing`)
    return items[0]?.lastRun === again.id
  })
  leader.start()
  await eventually('that the node is back is told', () => count('alert.resolved', leader.name) > 0)

  // A new leader sends again what was under way when the last one died, under the same id; each alert begins once.
  const { items } = await cluster.call<{ items: Alert[] }>('GET', '/v1/alerts?all=true')
  expect(items.map(({ rule, state, count: times }) => [rule, state, times])).toEqual([
    ['node', 'resolved', 1],
    ['failing', 'firing', 2],
  ])
  for (const { id, state } of items) {
    const { messages } = await cluster.call<AlertDetail>('GET', `/v1/alerts/${id}`)
    expect(messages.map(({ kind, state: its }) => [kind, its])).toEqual(
      state === 'resolved'
        ? [
            ['firing', 'delivered'],
            ['resolved', 'delivered'],
          ]
        : [['firing', 'delivered']],
    )
  }
}, 120_000)

test('S106 a node that is left without a leader says so once, and a leader under the same key that it is over, a new one or the same', async () => {
  const cluster = await Cluster.start({ nodes: 3, links: true })
  onTestFinished(() => cluster.close())
  const hook = await startHook()
  const target = { kind: 'webhook', url: hook.url }
  await cluster.call('PUT', '/v1/channels/hook', { target })
  const condition = { kind: 'no-leader', for: '3s' }
  await cluster.call('PUT', '/v1/alert-rules/leaderless', { condition, channels: ['hook'] })

  const leader = await cluster.leader()
  const [left, other] = cluster.nodes.filter((node) => node !== leader)
  const isOver = ({ type, key }: Heard) => type === 'alert.resolved' && key === hook.heard[0]?.key
  const around = cluster.nodes
    .filter((node) => node !== left)
    .flatMap(({ name }) => [cluster.link(name, left?.name ?? ''), cluster.link(left?.name ?? '', name)])
  for (const link of around) link.set({ kind: 'break' })
  await eventually('that a node is cut off is told', () => hook.heard.length > 0)
  expect(hook.heard[0]?.title).toContain(`node ${left?.name} is cut off`)
  for (const link of around) link.set({ kind: 'open' })
  await eventually('that it is cut off no more is told', () => hook.heard.some(isOver))
  expect(await cluster.leader()).toBe(leader)
  expect(hook.heard.map(({ type }) => type)).toEqual(['alert.fired', 'alert.resolved'])
  hook.heard.splice(0)

  await Promise.all([leader.end('SIGKILL'), other?.end('SIGKILL')])
  await eventually('that there is no leader is told', () => hook.heard.length > 0)
  expect(hook.heard[0]?.title).toContain('is cut off, or most others are down')
  expect(left?.isUp).toBe(true)
  leader.start()
  other?.start()
  const key = hook.heard[0]?.key
  await eventually('that it is cut off no more is told', () => hook.heard.length > 2 && hook.heard.some(isOver))
  // What nobody had told, how long nothing started, is an alert of its own.
  const told = (its: boolean) => hook.heard.filter((each) => (each.key === key) === its).map(({ type }) => type)
  expect(told(true)).toEqual(['alert.fired', 'alert.resolved'])
  expect(told(false)).toEqual(['alert.resolved'])
}, 120_000)
