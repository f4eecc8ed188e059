import { beforeEach, expect, test } from 'vitest'
import { type Bench, createBench } from './fixtures.ts'

let api: Bench
beforeEach(() => {
  api = createBench()
})

const advised = async () => {
  const { body } = await api.ok('/v1/alert-rules')
  return (body.advised ?? []) as { name: string; condition: object }[]
}
const names = async () => (await advised()).map(({ name }) => name)
const put = (name: string, body: object, headers: Record<string, string> = {}) =>
  api.ok(`/v1/alert-rules/${name}`, { method: 'PUT', body, headers })

test('rules are advised about what would go unsaid, and each can be made as it is', async () => {
  expect(await names()).toEqual(['runs-lost', 'jobs-stopped', 'sink-gaps', 'clocks'])
  for (const { name, condition } of await advised())
    expect((await put(name, { condition }, { 'if-none-match': '*' })).status).toBe(201)
  const { body } = await api.ok('/v1/alert-rules')
  expect(body).not.toHaveProperty('advised')
  expect(body.items).toHaveLength(4)
})

test.each([
  ['one about the same, everywhere', 'mine', { condition: { kind: 'stopped' } }, false],
  ['one of its name that is disabled', 'jobs-stopped', { condition: { kind: 'stopped' }, enabled: false }, false],
  ['one that is disabled', 'mine', { condition: { kind: 'stopped' }, enabled: false }, true],
  ['one about a single namespace', 'mine', { condition: { kind: 'stopped' }, scope: { namespace: 'default' } }, true],
])('with %s it is advised or not', async (_, name, body, isAdvised) => {
  await put(name, body)
  expect((await names()).includes('jobs-stopped')).toBe(isAdvised)
})

test.each([
  [{ states: ['lost', 'failed'] }, false],
  [{ states: ['failed'] }, true],
  [{ states: ['lost'], count: 2 }, true],
])('runs that are lost are found by a rule about %j, or are not', async (condition, isAdvised) => {
  await put('mine', { condition: { kind: 'run-ended', ...condition } })
  expect((await names()).includes('runs-lost')).toBe(isAdvised)
})

test('a rule of a namespace takes the place of none of them, and its own list advises none', async () => {
  const path = '/v1/namespaces/default/alert-rules'
  await api.ok(`${path}/jobs-stopped`, { method: 'PUT', body: { condition: { kind: 'stopped' } } })
  expect(await names()).toContain('jobs-stopped')
  expect((await api.ok(path)).body).not.toHaveProperty('advised')
})

test('if-none-match: * makes a rule or a channel, and replaces none', async () => {
  const headers = { 'if-none-match': '*' }
  const condition = { kind: 'stopped' }
  const channel = { target: { kind: 'slack', url: 'https://hooks.example.com/x' } }
  for (const [path, body] of [
    ['/v1/alert-rules/r', { condition }],
    ['/v1/namespaces/default/alert-rules/r', { condition }],
    ['/v1/channels/c', channel],
    ['/v1/namespaces/default/channels/c', channel],
  ] as const) {
    expect((await api.ok(path, { method: 'PUT', body, headers })).status).toBe(201)
    const again = await api.ok(path, { method: 'PUT', body, headers })
    expect([again.status, again.body.code]).toEqual([412, 'version-mismatch'])
  }
})
