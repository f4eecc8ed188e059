import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { PROBLEMS } from '../problems.ts'
import { fitting, hostile, spoiled } from './arbitrary.ts'
import type { Operation, Schema } from './document.ts'
import { type Bench, contract, createBench } from './fixtures.ts'

const HTTP = { kind: 'http', method: 'GET', url: 'https://shop.example.com/' }
const PARTS: Record<string, string> = {
  namespace: 'default',
  service: 'billing',
  executor: 'e1',
  job: 'nightly',
  run: 'none',
  token: 'none',
}

const byId = contract.operations.map((operation) => [operation.id, operation] as const)
const guarded = byId.filter(([, { scope }]) => scope !== 'public')

function pathOf(operation: Operation, parts = PARTS): string {
  const path = operation.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(parts[name] ?? 'x'))
  return operation.id === 'explainJob' ? `${path}?at=2026-11-20T15:00:00Z` : path
}

async function furnished(): Promise<Bench> {
  const api = createBench()
  await api.ok('/v1/namespaces/default/services', { method: 'POST', body: { name: 'billing' } })
  await api.ok('/v1/namespaces/default/services/billing/executors/e1', {
    method: 'PUT',
    body: { url: 'http://10.0.0.7:8080/' },
  })
  await api.ok('/v1/namespaces/default/jobs', {
    method: 'POST',
    body: { name: 'nightly', schedules: [{ cron: '0 23 * * *' }], target: HTTP },
  })
  return api
}

describe('the contract', () => {
  test('names every operation once, and each has a handler', () => {
    const ids = contract.operations.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    // Mounting asserts that each has one; a handler without an operation is a type error.
    expect(() => createBench()).not.toThrow()
  })

  test('is all that is served: every route of the application is an operation, its 405, or a file', () => {
    const known = new Set(contract.operations.map(({ method, path }) => `${method} ${path}`))
    const paths = new Set(contract.operations.map(({ path }) => `ALL ${path}`))
    const other = createBench()
      .app.routes.map(({ method, path }) => `${method} ${path}`)
      .filter((route) => !known.has(route) && !paths.has(route))
    expect(other).toEqual(['GET /docs/:file'])
  })

  test('has the codes of problems.ts, and the documentation explains each', () => {
    const codes = Object.keys(PROBLEMS)
    expect(contract.schemas.ProblemCode?.enum).toEqual(codes)
    const page = readFileSync(new URL('../../../docs/problems.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| ([^|]+) \|/gm)]
    expect(rows.map(([, code, status, title]) => [code, Number(status), title?.trim()])).toEqual(
      Object.entries(PROBLEMS).map(([code, [status, title]]) => [code, status, title]),
    )
  })

  test('allows no unknown field in any body', () => {
    for (const operation of contract.operations) {
      if (!operation.body) continue
      const { $ref, allOf } = operation.body.schema as { $ref?: string; allOf?: { $ref: string }[] }
      const name = ($ref ?? allOf?.[0]?.$ref ?? '').split('/').at(-1) ?? ''
      expect([operation.id, contract.schemas[name]?.additionalProperties]).toEqual([operation.id, false])
    }
  })
})

describe('without a credential', () => {
  test.each(guarded)('%s answers 401', async (_, operation) => {
    const { status, body } = await createBench().send(pathOf(operation), { method: operation.method, body: undefined })
    expect([status, body.code]).toEqual([401, 'unauthenticated'])
  })

  test.each(guarded)('%s answers 401 to a token that is unknown, revoked or over', async (_, operation) => {
    const api = createBench()
    const old = api.token('admin', { expiresAt: api.clock.now() + 1000 })
    const gone = api.token('admin')
    api.apply({ kind: 'token-revoke', at: api.clock.now(), id: [...api.state.tokens.keys()].at(-1) ?? '' })
    api.clock.pass(1000)
    for (const token of [old, gone, 'cct_unknown', 'x'.repeat(5000)]) {
      expect((await api.send(pathOf(operation), { method: operation.method, token })).status).toBe(401)
    }
  })
})

describe("with another namespace's credential", () => {
  let api: Bench
  beforeAll(async () => {
    api = await furnished()
  })

  test.each(guarded)('S027 %s is forbidden, or shows nothing of it', async (id, operation) => {
    for (const scope of ['namespace:other', 'service:other/billing', 'service:default/other'] as const) {
      const token = api.token(scope)
      const path = id === 'streamEvents' ? '/v1/events?namespace=default' : pathOf(operation)
      const { status, body } = await api.send(path, { method: operation.method, token, body: fit(operation) })
      // Every service of a namespace may use its keys and locks.
      const isTenant = scope === 'service:default/other' && operation.scope.startsWith('tenant-')
      if (isTenant) expect([scope, status]).not.toEqual([scope, 403])
      else if (operation.scope !== 'any' || id === 'streamEvents') expect([scope, status]).toEqual([scope, 403])
      else if (scope !== 'service:default/other') expect(JSON.stringify(body)).not.toContain('default')
    }
  })

  test.each(
    guarded.filter(([, { scope }]) => scope.endsWith('-write') || scope === 'admin'),
  )('%s is forbidden to those who may only read', async (_, operation) => {
    const token = api.token('read')
    expect((await api.send(pathOf(operation), { method: operation.method, token, body: fit(operation) })).status).toBe(
      403,
    )
  })

  function fit(operation: Operation): unknown {
    return operation.body ? {} : undefined
  }
})

describe('whatever is sent', () => {
  test.each(byId)('%s answers as declared, and never 500', async (id, operation) => {
    const api = await furnished()
    const body = operation.body ? bodies(operation.body.schema) : fc.constant(undefined)
    const names = fc.record(Object.fromEntries(Object.keys(PARTS).map((name) => [name, partOf(name)])))
    await fc.assert(
      fc.asyncProperty(body, names, queries(operation), headers(operation), async (sent, parts, query, extra) => {
        const path = pathOf(operation, parts)
        const url = query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
        const { status } = await api.ok(url, { method: operation.method, body: sent, headers: extra })
        if (status >= 500) throw new Error(`${id} answered ${status}: ${JSON.stringify(api.logged)}`)
      }),
      { numRuns: 40, seed: 42 },
    )
    expect(api.logged).toEqual([])
  })

  function bodies(schema: Schema): fc.Arbitrary<unknown> {
    const good = fitting(contract, schema)
    return fc.oneof(
      { weight: 4, arbitrary: good },
      { weight: 3, arbitrary: spoiled(good) },
      { weight: 1, arbitrary: hostile() },
    )
  }

  function partOf(name: string): fc.Arbitrary<string> {
    const odd = fc.oneof(
      fc.string({ maxLength: 20, unit: 'binary' }).map(wellFormed),
      fc.constantFrom('__proto__', '..', '%00', 'a/b', 'ü'),
    )
    return fc.oneof({ weight: 20, arbitrary: fc.constant(PARTS[name] ?? 'x') }, { weight: 1, arbitrary: odd })
  }

  function queries({ parameters }: Operation): fc.Arbitrary<string> {
    const list = parameters.filter((parameter) => parameter.in === 'query')
    const one = fc.oneof(
      ...list.map(({ name, schema }) =>
        fc
          .oneof({ weight: 3, arbitrary: fitting(contract, schema) }, { weight: 1, arbitrary: hostile() })
          .map((value) => `${name}=${encodeURIComponent(textOf(value))}`),
      ),
      fc.constantFrom('x=1', '', '&&', '%', '=', '__proto__=1', 'constructor[a]=1'),
    )
    const several = fc.array(one, { maxLength: 3 }).map((parts) => parts.join('&'))
    return fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: several })
  }

  function headers({ parameters }: Operation): fc.Arbitrary<Record<string, string>> {
    const list = parameters.filter((parameter) => parameter.in === 'header')
    const fields = list.map(({ name, schema }): [string, fc.Arbitrary<string>] => [
      name,
      fc
        .oneof(
          fitting(contract, schema).map(textOf),
          fc.constantFrom('x', '"', '"9"', ' '.repeat(50), 'a'.repeat(5000)),
        )
        .map((text) => text.replaceAll(/[^\x20-\x7e]/g, '')),
    ])
    const record: Record<string, fc.Arbitrary<string>> = Object.fromEntries(fields)
    const some = fc.record(record, { requiredKeys: [] }) as fc.Arbitrary<Record<string, string>>
    return fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: some })
  }

  function textOf(value: unknown): string {
    return wellFormed(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
  }

  /** Halves of surrogate pairs cannot be sent. */
  function wellFormed(text: string): string {
    return Buffer.from(text).toString()
  }
})
