import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { signToken, tokenKey } from '../../control-plane/src/signing/token.ts'
import { createExecutor } from '../../sdk/src/index.ts'
import { jwt } from '../../sdk/src/jwt.ts'
import type { TokenVector } from './vector.ts'

const file = readFileSync(new URL('tokens.json', import.meta.url), 'utf8')
const { vectors } = JSON.parse(file) as { vectors: TokenVector[] }

/** What the log of an executor says of a call; a call that is accepted is one without a handler here. */
async function judged({ issuer, service, keys, nowMs, method, authorization, body }: TokenVector) {
  const faults: string[] = []
  const note = (fields: object) => void faults.push((fields as { fault?: string }).fault ?? 'none')
  const auth = jwt({ issuer, jwks: { keys } })
  const clock = { now: () => nowMs, after: () => () => {} }
  const check = auth.bind({ service, clock })
  const bytes = Buffer.from(body)
  const verdict = await check({ method, header: () => authorization }, bytes, {})
  const logger = { debug: note, info: note, warn: note, error: note }
  const executor = createExecutor({ service, auth, clock, logger })
  const reply = await executor.receive({ method: 'POST', header: () => authorization, body: bytes })
  if (method === 'POST') expect(reply.status === 401).toBe(!verdict.ok)
  return verdict.ok ? { verdict: 'accepted' } : { verdict: 'refused', reason: verdict.fault }
}

describe('the SDK judges every token as the vectors say', () => {
  test.each(vectors)('$name', async (vector) => {
    const { verdict, reason } = vector
    expect(await judged(vector)).toEqual(reason === undefined ? { verdict } : { verdict, reason })
  })
})

test('the control plane makes tokens as the vectors say', () => {
  const made = vectors.filter(({ seed }) => seed !== undefined)
  expect(made.length).toBeGreaterThan(0)
  for (const { seed = 0, keys, issuer, method, body, authorization, nowMs, service } of made) {
    const head = Buffer.from('302e020100300506032b657004220420', 'hex')
    const secret = Buffer.concat([head, Buffer.alloc(32, seed)]).toString('base64')
    const [{ kid: id, x } = { kid: '', x: '' }] = keys
    const token = signToken(tokenKey({ id, alg: 'EdDSA', x, issuer }, secret), {
      id: 'r8Jw2c0yTqyb1C3mJcXh1w-0-1',
      audience: `cronclave:c1/1/${service}`,
      subject: 'nightly',
      method,
      origin: 'https://billing.internal',
      path: '/jobs?via=lb',
      body: Buffer.from(body),
      now: nowMs + 999,
    })
    expect(`Bearer ${token}`).toBe(authorization)
  }
})
