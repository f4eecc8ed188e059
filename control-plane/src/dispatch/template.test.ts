import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HttpTarget, Json } from '../jobs/job.ts'
import { httpTarget } from './fixtures.ts'
import { type PlaceholderValues, RenderFault } from './placeholders.ts'
import { targetTemplate } from './target-template.ts'
import { checkTarget } from './template.ts'

const values: PlaceholderValues = {
  runId: 'run1',
  attemptId: 'run1-0-1',
  jobName: 'nightly report',
  namespace: 'default',
  fireTime: '2026-11-20T23:00:00+08:00',
  dueTime: '2026-11-20T23:00:01+08:00',
  attempt: 2,
  fencingToken: '184467',
  shard: { index: 1, total: 3, items: ['v1', 'v2'] },
  params: { x: 'a/b&c=d e', n: 3, deep: { list: [1, 'two'] }, none: null, quote: '"\\\n' },
}

function render(change: Partial<HttpTarget>, params: { [key: string]: Json } = values.params) {
  const target = httpTarget({ service: 'billing', ...('url' in change ? {} : { path: '/' }), ...change })
  expect(checkTarget(target)).toEqual([])
  const items = JSON.stringify(change).includes('shard.items') ? values.shard.items : []
  return targetTemplate(target).render({ ...values, shard: { ...values.shard, items }, params })
}

describe('a placeholder is encoded for where it stands', () => {
  test('S052 S055 in a path and a query', () => {
    const { path } = render({
      path: '/jobs/{{jobName}}/{{ params.x }}?t={{fireTime}}',
      query: { 'a b': 'c&{{params.x}}', sharding: '{{shard.items}}' },
    })
    expect(path).toBe(
      '/jobs/nightly%20report/a%2Fb%26c%3Dd%20e?t=2026-11-20T23%3A00%3A00%2B08%3A00&a%20b=c%26a%2Fb%26c%3Dd%20e&sharding=v1%2Cv2',
    )
  })

  test('in the URL of its own, whose origin stays as it was written', () => {
    expect(render({ url: 'https://Example.test:8443/{{params.x}}?q={{shard.index}}' })).toMatchObject({
      origin: 'https://example.test:8443',
      path: '/a%2Fb%26c%3Dd%20e?q=1',
    })
    expect(render({ url: 'http://0x7f.1' })).toMatchObject({ origin: 'http://127.0.0.1', path: '/' })
    expect(render({ url: 'http://example.test?a=1', query: { b: '2' } }).path).toBe('/?a=1&b=2')
  })

  test('in a JSON body: text in a string, a value elsewhere', () => {
    const body =
      '{"s":"<{{params.quote}}>","n":{{params.n}},"d":{{params.deep}},"l":{{shard.items}},"i":"{{shard.items}}","z":{{params.none}}}'
    const rendered = render({ method: 'POST', body })
    expect(JSON.parse(String(rendered.body))).toEqual({
      s: '<"\\\n>',
      n: 3,
      d: { list: [1, 'two'] },
      l: ['v1', 'v2'],
      i: 'v1,v2',
      z: null,
    })
    expect(rendered.headers['content-type']).toBe('application/json')
  })

  test('S053 in a form, in XML and in plain text', () => {
    const send = (type: string, body: string, params?: { [key: string]: Json }) =>
      String(render({ method: 'POST', headers: { 'Content-Type': type }, body }, params).body)
    expect(send('application/x-www-form-urlencoded', 'x={{params.x}}')).toBe('x=a%2Fb%26c%3Dd%20e')
    expect(send('text/xml', '<a b="{{params.v}}"/>', { v: '"<&' })).toBe('<a b="&quot;&lt;&amp;"/>')
    expect(send('text/plain', 'run {{runId}} {{attempt}} {{fencingToken}}')).toBe('run run1 2 184467')
  })

  test('S056 in a header, where no value breaks the line', () => {
    expect(render({ headers: { 'X-Who': 'a {{params.v}}' } }, { v: 'b\r\nevil: 1 é' }).headers).toEqual({
      'x-who': 'a b%0D%0Aevil: 1 %C3%A9',
    })
  })
})

test('no value of any kind gets out of its place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (text, json) => {
      const params = { text, json: json as Json }
      const target = {
        method: 'POST',
        path: '/a/x{{params.text}}/b',
        query: { q: '{{params.text}}' },
        headers: { 'x-a': '{{params.text}}' },
        body: '{"text":"{{params.text}}","json":{{params.json}}}',
      }
      const { path, headers, body } = render(target, params)
      expect(path).toMatch(/^\/a\/[^/?#]+\/b\?q=[^&?#/]*$/)
      expect(headers['x-a']).toMatch(/^[\x20-\x7e]*$/)
      expect(JSON.parse(String(body))).toEqual(JSON.parse(JSON.stringify({ text, json })))
    }),
    { examples: [['\ud800', null]] },
  )
})

test('nothing is sent when a value is missing or would climb out of the path', () => {
  expect(() => render({ path: '/things/{{params.id}}' })).toThrow(RenderFault)
  expect(() => render({ path: '/things/{{params.id}}' })).toThrow('{{params.id}} has no value in this run')
  expect(() => render({ path: '/{{params.constructor.name}}' })).toThrow('has no value')
  for (const id of ['.', '..'])
    expect(() => render({ path: '/things/{{params.id}}/x' }, { id })).toThrow('segment of the path')
  expect(render({ path: '/things/v{{params.id}}' }, { id: '..' }).path).toBe('/things/v..')
})

test.each<[string, Partial<HttpTarget>]>([
  ['a JSON body', { method: 'POST', body: `[${Array(20_000).fill('{{params.x}}').join()}]` }],
  ['a text body', { method: 'POST', body: '{{params.x}}'.repeat(20_000) }],
  ['a path', { path: '/{{params.x}}' }],
  ['a query', { query: { a: '{{params.x}}' } }],
  ['headers', { headers: { a: '{{params.s}}', b: '{{params.s}}' } }],
])('%s that values blow up is not sent, and not built either', (_, change) => {
  const before = process.memoryUsage().rss
  expect(() => render(change, { x: 'y'.repeat(60_000), s: 'y'.repeat(20_000) })).toThrow('the request is too large')
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
})

describe('a target is refused when it is saved', () => {
  const ok = { service: 'billing', path: '/' }
  test.each<[string, Partial<HttpTarget>, string, string]>([
    ['neither path nor url', {}, '', 'exactly one of path and url'],
    ['path and url', { ...ok, url: 'http://a.test' }, '', 'exactly one of path and url'],
    ['a path without a service', { path: '/' }, '/service', 'needs a service'],
    ['a path that is not one', { service: 'b', path: 'x' }, '/path', 'starts with /'],
    ['an unknown placeholder', { ...ok, path: '/{{runid}}' }, '/path', '{{runid}} is unknown; there are {{runId}}'],
    ['one that is not closed', { ...ok, path: '/{{runId' }, '/path', 'position 1 is never closed'],
    ['one in the host', { url: 'http://{{params.host}}/' }, '/url', 'scheme, host or port'],
    ['one in the port', { url: 'http://a.test:{{params.port}}/' }, '/url', 'scheme, host or port'],
    ['one in the scheme', { url: '{{params.s}}://a.test/' }, '/url', 'starts with http://'],
    ['one in the host behind a backslash', { url: 'http://a.test\\@{{params.x}}/' }, '/url', 'backslash'],
    ['credentials', { url: 'http://me:pw@a.test/' }, '/url', 'credentials'],
    ['another scheme', { url: 'gopher://a.test/' }, '/url', 'starts with http://'],
    ['a host that is none', { url: 'http://a b/' }, '/url', 'host or port'],
    ['a fragment', { url: 'http://a.test/#x' }, '/url', 'fragment'],
    ['a line break in the path', { ...ok, path: '/a\r\nb' }, '/path', 'control character'],
    ['a wrong method', { ...ok, method: 'GE T' }, '/method', 'not an HTTP method'],
    ['CONNECT', { ...ok, method: 'connect' }, '/method', 'cannot be scheduled'],
    ['a host header', { ...ok, headers: { Host: 'a' } }, '/headers/Host', 'set by the connection'],
    [
      'a content length',
      { ...ok, headers: { 'content-length': '1' } },
      '/headers/content-length',
      'set by the connection',
    ],
    [
      'a transfer encoding',
      { ...ok, headers: { 'Transfer-Encoding': 'x' } },
      '/headers/Transfer-Encoding',
      'set by the connection',
    ],
    ['a connection header', { ...ok, headers: { connection: 'x' } }, '/headers/connection', 'set by the connection'],
    ['a webhook header', { ...ok, headers: { 'Webhook-Id': 'x' } }, '/headers/Webhook-Id', 'set by the scheduler'],
    ['our own header', { ...ok, headers: { 'cronclave-x': 'x' } }, '/headers/cronclave-x', 'set by the scheduler'],
    ['a header name that is none', { ...ok, headers: { 'a/b c': 'x' } }, '/headers/a~1b c', 'not the name'],
    ['a header value that breaks the line', { ...ok, headers: { a: 'x\r\ny: z' } }, '/headers/a', 'line breaks'],
    ['a header twice', { ...ok, headers: { a: 'x', A: 'y' } }, '/headers/A', 'twice'],
    [
      'a content type that moves',
      { ...ok, headers: { 'content-type': '{{params.t}}' } },
      '/headers/content-type',
      'placeholder',
    ],
    [
      'a placeholder in a query name',
      { ...ok, query: { '{{runId}}': 'x' } },
      '/query/{{runId}}',
      'name of a parameter',
    ],
    ['a body with GET', { ...ok, body: 'x' }, '/body', 'GET has no body'],
    [
      'a body that is not the JSON it says',
      { ...ok, method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":{{runId}' },
      '/body',
      'never closed',
    ],
    [
      'a body that is no JSON',
      { ...ok, method: 'POST', headers: { 'content-type': 'application/json' }, body: '{a:1}' },
      '/body',
      'not JSON',
    ],
    ['a status', { ...ok, successStatuses: [200, 99] }, '/successStatuses/1', '100 to 599'],
    ['an empty field name', { ...ok, expect: { field: 'a..b', equals: 1 } }, '/expect/field', 'parted by dots'],
    ['too many redirects', { ...ok, redirectMax: 6 }, '/redirectMax', '0 to 5'],
  ])('%s', (_, change, pointer, detail) => {
    const faults = checkTarget(httpTarget(change))
    expect(faults).toContainEqual({ pointer, detail: expect.stringContaining(detail) })
  })

  test('and one that is in order is not', () => {
    expect(
      checkTarget(httpTarget({ ...ok, method: 'PUT', body: 'a {{params.x.y-z}}', headers: { a: '{{runId}}' } })),
    ).toEqual([])
  })
})

describe('the items of a shard', () => {
  const path = (target: Partial<HttpTarget>, items: string[] = ['tianjin', 'a,b c']) =>
    targetTemplate(httpTarget({ service: 'billing', ...target })).render({
      ...values,
      shard: { index: 1, total: 3, items },
    }).path

  test.each<[string, Partial<HttpTarget>, string]>([
    ['go into the query as gojob asks', { path: '/run' }, '/run?sharding=tianjin,a%2Cb%20c'],
    ['come after what the path asks', { path: '/run?a=1' }, '/run?a=1&sharding=tianjin,a%2Cb%20c'],
    ['come after what the query asks', { path: '/run', query: { a: '1' } }, '/run?a=1&sharding=tianjin,a%2Cb%20c'],
    ['stay where the path puts them', { path: '/run/{{shard.items}}' }, '/run/tianjin%2Ca%2Cb%20c'],
    ['stay where the body puts them', { path: '/run', body: '[{{ shard.items }}]' }, '/run'],
    ['stay where a header puts them', { path: '/run', headers: { x: '{{shard.items}}' } }, '/run'],
    ['leave a parameter of that name alone', { path: '/run?sharding=mine' }, '/run?sharding=mine'],
  ])('S063 %s', (_rule, target, expected) => {
    expect(path(target)).toBe(expected)
  })

  test('a run that is not sharded asks for nothing', () => {
    expect(path({ path: '/run' }, [])).toBe('/run')
  })

  test('more of them than a request line holds is a fault, before anything is sent', () => {
    const many = Array.from({ length: 10_000 }, (_, item) => `item-${item}`)
    expect(() => path({ path: '/run' }, many)).toThrow(/too large/)
  })
})
