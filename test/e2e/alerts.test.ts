import type { Alert, AlertDetail, ChannelWithSecret, Run } from '@cronclave/openapi'
import { expect, onTestFinished, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import { eventually, HOME } from './harness.ts'
import { startHook } from './webhook.ts'

test('S105 S106 three nodes: a failure is told within 2 s, a node that is killed once and when it is back, whoever leads', async () => {
  const cluster = await Cluster.start({ nodes: 3, flags: ['--node-ttl', '2s'] })
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
  await cluster.call('PUT', '/v1/alert-rules/node', { condition: { kind: 'node-gone', for: '1s' }, channels })

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
    const { messages } = await eventually('that they were delivered is recorded', async () => {
      const alert = await cluster.call<AlertDetail>('GET', `/v1/alerts/${id}`)
      return alert.messages.every((each) => each.state === 'delivered') && alert
    })
    expect(messages.map(({ kind }) => kind)).toEqual(state === 'resolved' ? ['firing', 'resolved'] : ['firing'])
  }
})
