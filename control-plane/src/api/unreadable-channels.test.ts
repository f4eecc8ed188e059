import { expect, test } from 'vitest'
import type { Command } from '../state/commands.ts'
import { createBench } from './fixtures.ts'

test('a channel whose secrets cannot be opened is listed as without, and well again once they are given', async () => {
  const api = createBench()
  const put = async (path: string, target: object) =>
    (await api.ok(`/v1/namespaces/default/channels/${path}`, { method: 'PUT', body: { target } })) as {
      status: number
      body: { channel?: { secrets: string[] }; errors?: { pointer: string }[] }
    }
  const at = api.clock.now()
  const mail = { kind: 'email', host: 'h', port: 25, security: 'none', user: 'u', from: 'f@b.example' } as const
  const change = { messagesMax: 10, windowMs: 60_000, secret: 'k.altered.text' as const }
  const make = (name: string, target: object) =>
    api.apply({
      ...{ kind: 'channel-put', at, namespace: 1, name, by: 't' },
      change: { ...change, target },
    } as Command)
  make('mail', { ...mail, to: ['a@b.example'] })
  make('hook', { kind: 'webhook', origin: 'https://h.example.com' })
  const { body } = await api.ok('/v1/namespaces/default/channels')
  expect(body.items).toMatchObject([{ secrets: [] }, { secrets: [] }])
  const target = { ...mail, to: ['a@b.example'] }
  const without = await put('mail', target)
  expect([without.status, without.body.errors?.map(({ pointer }) => pointer)]).toEqual([422, ['/target/password']])
  const given = await put('mail', { ...target, password: 'p' })
  expect(given.body.channel?.secrets).toEqual(['password'])
  const hook = { kind: 'webhook', url: 'https://h.example.com/x' }
  const hooked = await put('hook', hook)
  expect(hooked.body.channel?.secrets).toEqual(['secret', 'url'])
})
