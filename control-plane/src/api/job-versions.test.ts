import { beforeEach, describe, expect, test } from 'vitest'
import { DEFINITIONS_MAX } from '../state/definitions.ts'
import { type Bench, createBench } from './fixtures.ts'

const JOB = '/v1/namespaces/default/jobs/x'
const HTTP = { kind: 'http', method: 'POST', url: 'https://shop.example.com/warm' }

let api: Bench

beforeEach(() => {
  api = createBench()
})

const put = (more: object = {}) => api.ok(JOB, { method: 'PUT', body: { target: HTTP, ...more } })
const versions = async (query = '') => (await api.ok(`${JOB}/versions${query}`)).body.items as Version[]

interface Version {
  version: number
  by: string
  changes: { pointer: string; from?: unknown; to?: unknown; large?: boolean }[]
}

describe('the history of a definition', () => {
  test('has every definition, who made it, and what it changed', async () => {
    await put()
    await put({ timeout: '90s', labels: { team: 'shop' } })
    api.clock.pass(60_000)
    await put({ timeout: '90s' })
    expect(await versions()).toEqual([
      {
        version: 3,
        at: '2026-11-20T15:01:00.000Z',
        by: 'token:admin',
        changes: [{ pointer: '/labels/team', from: 'shop' }],
      },
      {
        version: 2,
        at: '2026-11-20T15:00:00.000Z',
        by: 'token:admin',
        changes: [
          { pointer: '/labels/team', to: 'shop' },
          { pointer: '/timeout', from: '1m', to: '90s' },
        ],
      },
      { version: 1, at: '2026-11-20T15:00:00.000Z', by: 'token:admin', changes: [] },
    ])
  })

  test('leaves out what changed nothing in the definition', async () => {
    await put()
    await put()
    await api.ok(`${JOB}/pause`, { method: 'POST' })
    await put({ priority: 9 })
    expect((await versions()).map(({ version }) => version)).toEqual([4, 1])
  })

  test('shows the definition that was in force in a version, which can be put back', async () => {
    await put({ priority: 9 })
    await api.ok(`${JOB}/pause`, { method: 'POST' })
    await put({ priority: 8 })
    const old = await api.ok(`${JOB}/versions/2`)
    expect(old.body).toMatchObject({ version: 1, definition: { name: 'x', priority: 9 } })
    const { body } = await api.ok(JOB, { method: 'PUT', body: old.body.definition })
    expect(body).toMatchObject({ definition: { priority: 9 } })
    expect((await versions())[0]).toMatchObject({ changes: [{ pointer: '/priority', from: 8, to: 9 }] })
  })

  test('keeps the newest hundred, page by page', async () => {
    for (let priority = 0; priority <= DEFINITIONS_MAX; priority++) await put({ priority })
    for (let at = 0; at < 3; at++) await put({ priority: 50 + at })
    const first = await api.ok(`${JOB}/versions?limit=60`)
    const rest = await api.ok(`${JOB}/versions?limit=60&cursor=${String(first.body.nextCursor)}`)
    const seen = [first, rest].flatMap(({ body }) => (body.items as Version[]).map(({ version }) => version))
    expect(seen).toEqual(Array.from({ length: DEFINITIONS_MAX }, (_, at) => 104 - at))
    expect(rest.body.nextCursor).toBeUndefined()
    const changed = [first, rest].flatMap(({ body }) => (body.items as Version[]).map(({ changes }) => changes.length))
    expect(changed).toEqual([...Array.from({ length: DEFINITIONS_MAX - 1 }, () => 1), 0])
    expect((await api.ok(`${JOB}/versions/4`)).body.code).toBe('definition-not-found')
  })

  test('leaves long values to the version itself', async () => {
    await put()
    await put({ params: { text: 'x'.repeat(2000) } })
    expect((await versions())[0]?.changes).toEqual([{ pointer: '/params/text', large: true }])
    const { body } = await api.ok(`${JOB}/versions/2`)
    expect(body.changes).toEqual([{ pointer: '/params/text', to: 'x'.repeat(2000) }])
  })

  test('knows no version that has not been, and goes with the job', async () => {
    await put()
    expect((await api.ok(`${JOB}/versions/2`)).body.code).toBe('definition-not-found')
    const { uid } = (await api.ok(JOB)).body as { uid: number }
    await api.ok(`${JOB}?force=true`, { method: 'DELETE' })
    expect(await api.context.ledger.definitions(uid, 10)).toEqual([])
    expect((await api.ok(`${JOB}/versions`)).body.code).toBe('job-not-found')
  })
})
