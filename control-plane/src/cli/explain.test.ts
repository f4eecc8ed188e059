import { expect, test } from 'vitest'
import { reply, run } from './run.test-helper.ts'

test('job explain says why a job did not run at a time, by which rule and which entries', async () => {
  const at = '2026-11-20T03:00:00Z'
  const detail = 'An earlier run of the job was still open.'
  const stretch = { reason: 'overlap', from: '2026-11-20T02:00:00Z', to: '2026-11-20T05:00:00Z', count: 4 }
  const found = {
    at,
    verdict: 'skipped',
    detail,
    reason: 'overlap',
    rule: 'overlap',
    stretch,
    entry: 17,
    lastEntry: 20,
  }
  const { out, calls } = await run('job explain report 2026-11-20T11:00:00+08:00', { answer: () => reply(found) })
  const { pathname, search } = new URL(calls[0]?.url ?? '')
  expect([pathname, search]).toEqual(['/v1/namespaces/default/jobs/report/explain', '?at=2026-11-20T03%3A00%3A00.000Z'])
  for (const text of ['skipped', detail, 'overlap', '17 to 20', '4, from 2026-11-20T02:00:00Z'])
    expect(out).toContain(text)
  const { out: json } = await run(`job explain report ${at} -o json`, { answer: () => reply(found) })
  expect(JSON.parse(json)).toEqual(found)
})
