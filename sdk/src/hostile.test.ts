import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { createExecutor } from './executor.ts'
import { callExecutor, dispatchBody, envelope, OTHER_SECRET, SECRET, signedHeaders, VirtualClock } from './test-kit.ts'

const handler = vi.fn(() => 1)
const executor = createExecutor({ service: 'billing', secret: SECRET, clock: new VirtualClock(), logger: false }).job(
  'report',
  handler,
)
const PATHS = Object.keys((JSON.parse(dispatchBody()) as { data: object }).data)

async function signedCall(bytes: Uint8Array, id = 'a1') {
  const headers = signedHeaders(id, bytes)
  return executor.receive({ method: 'POST', body: bytes, header: (name) => headers[name] })
}

test('no signed body, whatever it holds, gets more than a refusal out of the executor', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const bodies = [
    '',
    '[]',
    'null',
    '"x"',
    '{',
    '{}',
    '{"type":"run.dispatch"}',
    deep,
    `{"__proto__":${deep}}`,
    '\ufeff{}',
  ]
  for (const body of bodies) expect((await signedCall(Buffer.from(body))).status).toBe(422)
  expect((await signedCall(Buffer.from([0x7b, 0xff, 0x7d]))).status).toBe(422)
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      async (bytes) => {
        expect((await signedCall(bytes)).status).toBe(422)
      },
    ),
  )
})

test('any field of a dispatch may hold anything: the handler runs, or the answer is a 4xx problem', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATHS), fc.jsonValue(), async (field, value) => {
      const attemptId = `f${count++}`
      const reply = await callExecutor(executor, dispatchBody({ attemptId, [field]: value }), { id: attemptId })
      expect([200, 404, 421, 422]).toContain(reply.status)
    }),
    { numRuns: 1000 },
  )
})

test('no headers, whatever they hold, get past the signature', async () => {
  const body = new TextEncoder().encode(dispatchBody())
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
  handler.mockClear()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.string({ unit: 'binary' }), async (name, value) => {
      const headers: Record<string, string> = {
        ...signedHeaders('run1-0-1', body, { secret: OTHER_SECRET }),
        [name]: value,
      }
      const reply = await executor.receive({ method: 'POST', body, header: (wanted) => headers[wanted] })
      expect(reply.status).toBe(401)
    }),
  )
  const many = { 'webhook-signature': 'v1,AAAA '.repeat(10_000) }
  expect((await callExecutor(executor, dispatchBody(), { headers: many })).status).toBe(401)
  expect(handler).not.toHaveBeenCalled()
})

test('a call of a type that is not known is refused, not guessed', async () => {
  expect(await callExecutor(executor, envelope('run.destroy', {}), { id: 'x1' })).toMatchObject({ status: 422 })
})
