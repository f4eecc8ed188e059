import { expect, test } from 'vitest'
import { mendedJson } from './mended-json.ts'

test.each<[string, string]>([
  ['{"a":"\\ud83d"}', '{"a":"\ufffd"}'],
  ['{"a":["x\\uDE00y",{"\\ud800":1}]}', '{"a":["x\ufffdy",{"\ufffd":1}]}'],
  ['{"a":"\\ud83d\\ude00 \\u00e9"}', '{"a":"😀 é"}'],
  ['{"__proto__":{"admin":true}}', '{"__proto_":{"admin":true}}'],
  ['{"a":{"\\u005f_proto__":[1]}}', '{"a":{"__proto_":[1]}}'],
  ['{"a":{"__pro\\u0074o__":[1]}}', '{"a":{"__proto_":[1]}}'],
  [
    '{"constructor":{"prototype":1},"n":1e2,"t":true,"z":null}',
    '{"constructor":{"prototype":1},"n":100,"t":true,"z":null}',
  ],
])('%s is kept as %s', (text, kept) => {
  const value = mendedJson(text, JSON.parse(text) as object)
  expect(JSON.stringify(value)).toBe(kept)
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
})

test('what holds nothing of that kind is the very same', () => {
  const value = { a: 'ü😀', b: [1, { c: 'd' }] }
  expect(mendedJson(JSON.stringify(value), value)).toBe(value)
})
