import { describe, expect, test } from 'vitest'
import { isCronclaveError } from './errors.ts'
import { createExecutor } from './executor.ts'
import { harness, testClock, testControlPlane, testSecret, testTokens } from './testing.ts'
import { deferred, flush } from './test-kit.ts'

const SERVICE = 'billing'

describe('a harness with tokens', () => {
  test.each([
    'EdDSA',
    'ES256',
  ] as const)('runs handlers by calls under %s, and takes answers under their token', async (alg) => {
    const tokens = await testTokens({ alg })
    const executor = createExecutor({ service: SERVICE, auth: tokens.auth, logger: false }).job('report', () => 3)
    const app = harness(executor, { service: SERVICE, tokens })
    expect(await app.run('report')).toMatchObject({ status: 'succeeded', httpStatus: 200, result: 3 })
    expect(await app.handlers()).toMatchObject([{ name: 'report' }])
    const { headers } = await app.signedRequest('report')
    expect(headers['authorization']).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/)
  })

  test('is refused by an executor that trusts other keys, or has a secret', async () => {
    const [tokens, others] = [await testTokens(), await testTokens()]
    for (const given of [{ auth: others.auth }, { secret: testSecret() }]) {
      const executor = createExecutor({ service: SERVICE, logger: false, ...given }).job('report', () => 3)
      const refused = await harness(executor, { service: SERVICE, tokens }).run('report')
      expect(refused).toMatchObject({ status: 'refused', httpStatus: 401, error: { code: 'unauthorized' } })
    }
  })

  test('takes no answer that was signed under another token', async () => {
    const tokens = await testTokens()
    const executor = createExecutor({ service: SERVICE, auth: tokens.auth, logger: false }).job('report', () => 3)
    const first = await harness(executor, { service: SERVICE, tokens }).signedRequest('report')
    const forging = async () => executor.fetch(new Request('http://executor.test/', first))
    await expect(harness(forging, { service: SERVICE, tokens }).run('report')).rejects.toThrow('not signed')
  })

  test('takes the outcome of a call that was answered 202', async () => {
    const [tokens, clock, controlPlane] = [await testTokens(), testClock(), testControlPlane()]
    const options = { service: SERVICE, logger: false as const, clock, fetch: controlPlane.fetch }
    const end = deferred()
    const executor = createExecutor({ ...options, auth: tokens.auth }).job('slow', () => end.promise.then(() => 'late'))
    const app = harness(executor, { service: SERVICE, tokens, clock, controlPlane })
    const { result } = app.start('slow')
    await flush()
    clock.advance('26s')
    end.resolve()
    expect(await result).toMatchObject({ status: 'succeeded', httpStatus: 202, result: 'late' })
  })

  test('wants a secret or tokens, not both', async () => {
    const tokens = await testTokens()
    const target = () => new Response()
    expect(() => harness(target, { service: SERVICE })).toThrow(RangeError)
    expect(() => harness(target, { service: SERVICE, tokens, secret: testSecret() })).toThrow(RangeError)
  })
})

test('a lease that is lost aborts the handler at its next heartbeat', async () => {
  const [secret, clock, controlPlane] = [testSecret(), testClock(), testControlPlane()]
  const aborted = deferred<unknown>()
  const options = { service: SERVICE, secret, logger: false as const, clock, fetch: controlPlane.fetch }
  const executor = createExecutor(options).job('slow', ({ signal }) => {
    signal.addEventListener('abort', () => aborted.resolve(signal.reason))
    return aborted.promise
  })
  const running = harness(executor, { service: SERVICE, secret, clock, controlPlane, waitMs: 100 }).start('slow')
  await flush()
  running.loseLease()
  for (let passed = 0; passed < 15; passed++) {
    clock.advance('1s')
    await flush()
  }
  expect(isCronclaveError(await aborted.promise, 'lease-lost')).toBe(true)
})
