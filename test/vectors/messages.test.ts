import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createExecutor } from '../../sdk/src/executor.ts'
import { createShard, hashKey } from '../../sdk/src/shard.ts'
import { SECRET, signedHeaders, VirtualClock } from '../../sdk/src/test-kit.ts'
import type { MessageVector } from './make-messages.ts'

interface ShardVector {
  key: string
  hash: number
  owners: Record<string, number>
}

const options = {
  service: 'billing',
  id: 'billing-1',
  secret: SECRET,
  clock: new VirtualClock(),
  logger: false,
} as const
const executor = createExecutor(options).job('report', () => 1)

test.each(read<MessageVector>('messages.json'))('the SDK answers as the vectors say: $name', async (vector) => {
  const { webhookId, body, bodyBase64 = '', status, type, code } = vector
  const bytes = body === undefined ? Buffer.from(bodyBase64, 'base64') : Buffer.from(body)
  const headers = signedHeaders(webhookId, bytes)
  const reply = await executor.receive({ method: 'POST', body: bytes, header: (name) => headers[name] })
  const answered = JSON.parse(reply.body) as { type: string; code?: string }
  expect(reply.status).toBe(status)
  if (code === undefined) expect(answered.type).toBe(type)
  else expect(answered.code).toBe(code)
})

test.each(read<ShardVector>('sharding.json'))('the SDK shards as the vectors say: "$key"', ({ key, hash, owners }) => {
  expect(hashKey(key)).toBe(hash)
  for (const [total, index] of Object.entries(owners)) {
    expect(createShard({ index, total: Number(total), items: undefined }).owns(key)).toBe(true)
  }
})

test('there are as many vectors as a language needs', () => {
  expect(read('messages.json').length).toBeGreaterThan(40)
  expect(read('sharding.json').length).toBeGreaterThan(10)
})

function read<Vector>(name: string): Vector[] {
  return (JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as { vectors: Vector[] }).vectors
}
