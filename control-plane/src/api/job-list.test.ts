import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBench } from './fixtures.ts'

const HTTP = { kind: 'http', method: 'POST', url: 'https://shop.example.com/' }

const names = fc.constantFrom('a', 'ab', 'b', 'c', 'd', 'dd', 'e', 'f0')
const steps = fc.array(fc.record({ put: fc.boolean(), name: names, labelled: fc.boolean() }), { maxLength: 25 })

test('pages by name are cuts of the sorted list, whatever came and went before', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), fc.boolean(), async (list, limit, filtered) => {
      const api = createBench()
      const jobs = '/v1/namespaces/default/jobs'
      const there = new Map<string, boolean>()
      await api.ok('/v1/namespaces/other/jobs/aa', { method: 'PUT', body: { target: HTTP } })
      await api.ok(jobs)
      for (const { put, name, labelled } of list) {
        const body = { target: HTTP, labels: labelled ? { own: '1' } : {} }
        if (put) await api.ok(`${jobs}/${name}`, { method: 'PUT', body })
        else await api.ok(`${jobs}/${name}?force=true`, { method: 'DELETE' })
        if (put) there.set(name, labelled)
        else there.delete(name)
      }
      const seen: string[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const more = cursor === '' ? '' : `&cursor=${cursor}`
        const { body } = await api.ok(`${jobs}?limit=${limit}${filtered ? '&label=own' : ''}${more}`)
        const page = body as { items: { name: string }[]; nextCursor?: string }
        expect(page.items.length).toBeLessThanOrEqual(limit)
        seen.push(...page.items.map(({ name }) => name))
        cursor = page.nextCursor
      }
      const wanted = [...there].filter(([, labelled]) => labelled || !filtered).map(([name]) => name)
      expect(seen).toEqual(wanted.sort())
    }),
    { numRuns: 60 },
  )
})

test('a list that skips thousands gives others their turn, and goes on where it was', async () => {
  const api = createBench()
  await api.ok('/v1/namespaces/default/jobs/m', { method: 'PUT', body: { target: HTTP, labels: { own: '1' } } })
  const model = [...api.state.jobs.values()][0]
  if (!model) throw new Error('no job')
  for (let i = 0; i < 12_000; i++) {
    const uid = 1_000_000 + i
    const name = `${i % 2 === 0 ? 'a' : 'z'}-${i}`
    api.state.jobs.set(uid, { ...model, uid, name, spec: { ...model.spec, labels: {} } })
    api.state.jobNames.set(`${model.namespace}/${name}`, uid)
  }
  const { body } = await api.ok('/v1/namespaces/default/jobs?label=own')
  expect((body.items as { name: string }[]).map(({ name }) => name)).toEqual(['m'])
})
