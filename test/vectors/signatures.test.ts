import { readFileSync } from 'node:fs'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { verifyReply } from '../../control-plane/src/signing/reply.ts'
import { signRequest } from '../../control-plane/src/signing/request.ts'
import { signingKey } from '../../control-plane/src/signing/secret.ts'
import { createKeyring } from '../../sdk/src/keys.ts'
import { nodeHmac } from '../../sdk/src/node-hmac.ts'
import { checkSecrets } from '../../sdk/src/signature.ts'
import { createVerifier } from '../../sdk/src/verify.ts'
import type { Vector } from './vector.ts'

const file = readFileSync(new URL('signatures.json', import.meta.url), 'utf8')
const { vectors } = JSON.parse(file) as { vectors: Vector[] }
const calls = vectors.filter(({ direction }) => direction === 'call')
const replies = vectors.filter(({ direction }) => direction === 'reply')

function sdkVerdict({ secrets, nowMs, headers, body }: Vector, parts: { method?: string; path?: string } = {}) {
  const verifier = createVerifier({ secret: secrets, clock: { now: () => nowMs, after: () => () => {} } })
  return verifier.verify({ headers, body: Buffer.from(body), ...parts }).then(
    () => ({ verdict: 'accepted' }),
    (error: { code: string }) => ({ verdict: 'refused', reason: error.code }),
  )
}

/** As the adapters for Node have it verified. */
async function nodeVerdict({ secrets, nowMs, headers, body }: Vector) {
  const check = checkSecrets(createKeyring(secrets), { now: () => nowMs, after: () => () => {} })
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const verdict = await check({ header: (name) => lower[name], hmac: nodeHmac }, Buffer.from(body), {})
  return verdict.ok ? { verdict: 'accepted' } : { verdict: 'refused', reason: verdict.fault }
}

function expected({ verdict, reason }: Vector) {
  return reason === undefined ? { verdict } : { verdict, reason }
}

describe('the SDK judges every call as the vectors say', () => {
  test.each(calls)('$name', async (vector) => {
    expect(await sdkVerdict(vector)).toEqual(expected(vector))
    expect(await nodeVerdict(vector)).toEqual(expected(vector))
    const { method, path, requestVerdict } = vector
    expect(await sdkVerdict(vector, { method, path })).toMatchObject({ verdict: requestVerdict })
  })
})

describe('the control plane signs calls as the vectors say', () => {
  test.each(calls.filter(({ signedWith }) => signedWith))('$name', ({
    signedWith = [],
    headers,
    body,
    method,
    path,
  }) => {
    const signed = signRequest({
      keys: signedWith.map(signingKey),
      id: headers['webhook-id'] ?? '',
      timestampMs: Number(headers['webhook-timestamp']) * 1000 + 999,
      method,
      path,
      body: Buffer.from(body),
      headers,
    })
    expect(headers).toMatchObject(signed)
  })
})

describe('the control plane judges every reply as the vectors say', () => {
  test.each(replies)('$name', (vector) => {
    const { secrets, attemptId = '', nowMs, headers, body } = vector
    const verdict = verifyReply({ keys: secrets.map(signingKey), attemptId, nowMs, headers, body: Buffer.from(body) })
    expect(verdict).toEqual(vector.verdict === 'accepted' ? { ok: true } : { ok: false, reason: vector.reason })
  })
})

describe('the reference library of Standard Webhooks agrees', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each(vectors.filter(({ reference }) => reference !== false))('$name', (vector) => {
    vi.useFakeTimers({ now: vector.nowMs, toFake: ['Date'] })
    const accepted = vector.secrets.some((secret) => {
      try {
        new Webhook(secret).verify(vector.body, vector.headers, { jsonParse: false })
        return true
      } catch {
        return false
      }
    })
    expect(accepted ? 'accepted' : 'refused').toBe(vector.verdict)
  })
})
