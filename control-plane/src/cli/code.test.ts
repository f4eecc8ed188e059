import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Answer, problem, reply, run } from './run.test-helper.ts'

const MANIFEST = { service: 'billing', revision: 'v2', handlers: [{ name: 'report', job: { retry: { max: 3 } } }] }
const AT = '/v1/namespaces/default/services/billing'
const fire = (day: number, local: string) => ({
  fireTime: `2027-01-0${day}T15:00:00Z`,
  dueTime: '',
  local,
  schedules: ['0'],
})
const UPDATE = {
  name: 'report',
  action: 'update',
  changes: [{ pointer: '/retry/max', from: 1, to: 3 }],
  fires: {
    before: [fire(1, '2027-01-01T23:00:00+08:00'), fire(2, '2027-01-02T23:00:00+08:00')],
    after: [fire(2, '2027-01-02T23:00:00+08:00'), fire(3, '2027-01-03T23:00:00+08:00')],
  },
}
const report = (...jobs: object[]) => ({ outcome: 'planned', hash: 'h', revision: 'v2', jobs })

function file(name: string, content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'code-')), name)
  writeFileSync(path, content)
  return path
}

const answering = (body: object, calls: string[] = []): Answer => {
  return ({ method, url }) => {
    calls.push(`${method} ${new URL(url).pathname}${new URL(url).search}`)
    return reply(body)
  }
}

describe('cronclave diff', () => {
  test('ends with 2 and says what would change, fires included', async () => {
    const calls: string[] = []
    const path = file('manifest.json', JSON.stringify(MANIFEST))
    const answer = answering(
      report(UPDATE, { name: 'sweep', action: 'none' }, { name: 'old', action: 'absent' }),
      calls,
    )
    const { exit, out, err } = await run(['diff', path], { answer })
    expect(exit).toBe(2)
    expect(calls).toEqual([`PUT ${AT}/manifest?dryRun=true&rollback=false&prune=false&adopt=false`])
    expect(out.split('\n')).toEqual([
      '~ report changes',
      '    /retry/max: 1 → 3',
      '    - fires 2027-01-01 23:00:00+08:00',
      '    + fires 2027-01-03 23:00:00+08:00',
      '! old is absent from code, and stays (--prune deletes it)',
      '',
    ])
    expect(err).toContain('1 job is as the code says.')
  })

  test('ends with 0 when there is nothing to do', async () => {
    const answer = answering(report({ name: 'report', action: 'none' }, { name: 'old', action: 'absent' }))
    const { exit } = await run(['diff', '-'], { answer, stdin: JSON.stringify(MANIFEST) })
    expect(exit).toBe(0)
  })

  test('prints JSON for scripts', async () => {
    const answer = answering(report(UPDATE))
    const { exit, out } = await run(['diff', '-', '--json'], { answer, stdin: JSON.stringify(MANIFEST) })
    expect([exit, JSON.parse(out)]).toEqual([2, report(UPDATE)])
  })

  test('has an executor asked for its manifest', async () => {
    const calls: string[] = []
    const answer: Answer = ({ method, url, body }) => {
      calls.push(`${method} ${new URL(url).pathname} ${JSON.stringify(body)}`)
      return reply(report(UPDATE))
    }
    const edge = 'https://billing.example.com/api'
    expect((await run(['diff', edge, '--service', 'billing'], { answer })).exit).toBe(2)
    expect(calls).toEqual([`POST ${AT}/sync {"url":"${edge}"}`])
    expect(await run(['diff', edge])).toMatchObject({ exit: 1, err: expect.stringContaining('--service') as string })
  })

  test.each([
    'diff - --nonsense',
    'diff',
    'diff - -o xml',
    '-o json diff -- - more',
    'diff - --endpoint nonsense',
    'diff /nobody/has/this',
  ])('ends with 1 when it cannot be said: cronclave %s', async (argv) => {
    expect((await run(argv.split(' '), { stdin: JSON.stringify(MANIFEST) })).exit).toBe(1)
  })

  test('is not what a job of that name is', async () => {
    expect((await run(['job', 'get', 'diff', '-o', 'xml'])).exit).toBe(2)
  })

  test('says where a manifest is wrong', async () => {
    const answer = () => problem(422, 'invalid-manifest', [{ pointer: '/handlers/0/job/retris', detail: 'unknown' }])
    const { exit, err } = await run(['diff', '-'], { answer, stdin: JSON.stringify(MANIFEST) })
    expect(exit).toBe(1)
    expect(err).toContain('/handlers/0/job/retris: unknown')
  })

  test('compares jobs in YAML with those that there are', async () => {
    const definition = { target: { kind: 'http', url: 'https://a.example.com/' }, schedules: [{ cron: '0 3 * * *' }] }
    const yaml = `name: report\nretry: { max: 2 }\ntarget: { kind: http, url: 'https://a.example.com/' }\nschedules: [{ cron: '0 4 * * *' }]\n---\nname: new\ntarget: { kind: http, url: 'https://a.example.com/' }\n`
    const calls: string[] = []
    const answer: Answer = ({ method, url }) => {
      const { pathname } = new URL(url)
      calls.push(`${method} ${pathname}`)
      if (pathname.endsWith('/next')) return reply({ items: [fire(1, '2027-01-01T03:00:00Z')] })
      if (pathname.endsWith('/preview')) return reply({ items: [fire(2, '2027-01-02T04:00:00Z')] })
      if (pathname.endsWith('/new')) return problem(404, 'job-not-found')
      return reply({ name: 'report', version: 3, state: 'active', definition })
    }
    const { exit, out } = await run(['diff', file('jobs.yaml', yaml)], { answer })
    expect(exit).toBe(2)
    expect(out).toContain('~ report changes')
    expect(out).toContain('/retry/max: 0 → 2')
    expect(out).toContain('+ fires 2027-01-02 04:00:00Z')
    expect(out).toContain('+ new is new')
    expect(calls.every((call) => !call.startsWith('PUT'))).toBe(true)
  })
})

describe('cronclave apply', () => {
  test('passes on what is wished for', async () => {
    const calls: string[] = []
    const answer = answering({ ...report({ name: 'old', action: 'delete' }), outcome: 'applied' }, calls)
    const argv = ['apply', '-', '--rollback', '--prune', '--adopt', '--service', 'billing']
    const { exit, out } = await run(argv, { answer, stdin: JSON.stringify({ ...MANIFEST, service: undefined }) })
    expect([exit, out]).toEqual([0, '- old is absent from code, and is deleted\n'])
    expect(calls).toEqual([`PUT ${AT}/manifest?dryRun=false&rollback=true&prune=true&adopt=true`])
  })

  test('fails when a newer revision is known', async () => {
    const answer = () => problem(409, 'manifest-older')
    const { exit, err } = await run(['apply', '-'], { answer, stdin: JSON.stringify(MANIFEST) })
    expect([exit, err]).toEqual([1, expect.stringContaining('manifest-older')])
  })

  test('brings jobs in YAML to what it says, and leaves others alone', async () => {
    const yaml = "name: new\ntarget: { kind: http, url: 'https://a.example.com/' }\n"
    const answer: Answer = ({ method }) =>
      method === 'GET' ? problem(404, 'job-not-found') : reply({ version: 1 }, 201)
    expect(await run(['apply', '-'], { answer, stdin: yaml })).toMatchObject({ exit: 0, out: '+ new is new\n' })
    expect((await run(['apply', '-', '--prune'], { stdin: yaml })).exit).toBe(2)
  })
})

test('cronclave job detach takes a job out of its code as it is', async () => {
  const calls: string[] = []
  const answer: Answer = ({ method, url, body, headers }) => {
    calls.push(`${method} ${new URL(url).search} ${headers.get('if-match')} ${JSON.stringify(body)}`)
    return reply({ name: 'report', version: 3, state: 'active', definition: { retry: { max: 3 } } })
  }
  expect((await run('job detach report', { answer })).exit).toBe(0)
  expect(calls[1]).toBe('PUT ?detach=true "3" {"retry":{"max":3}}')
})

describe('cronclave manifest', () => {
  const sdk = pathToFileURL(join(import.meta.dirname, '../../../sdk/src/index.ts')).href

  test('prints what the executor of a module says of itself', async () => {
    const path = file(
      'executor.mjs',
      `import { createExecutor } from '${sdk}'
      export const executor = createExecutor({ service: 'billing', secret: 'whsec_${Buffer.alloc(32).toString('base64')}' })
        .job('report', { schedule: '0 3 * * *' }, () => 1)`,
    )
    const { exit, out } = await run(['manifest', path, '--revision', 'v9', '--revision-order', '9', '-o', 'json'])
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toEqual({
      namespace: 'default',
      service: 'billing',
      revision: 'v9',
      revisionOrder: 9,
      handlers: [{ name: 'report', job: { schedules: [{ cron: '0 3 * * *' }] } }],
    })
  })

  test('says so when there is none', async () => {
    expect(await run(['manifest', file('none.mjs', 'export const one = 1')])).toMatchObject({ exit: 2 })
    expect(await run(['manifest', '/nowhere.mjs'])).toMatchObject({ exit: 2 })
  })
})
