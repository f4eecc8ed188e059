import { expect, test } from 'vitest'
import { type Beginning, beginningOf, type WhatThereIs, type WhatWasTold } from './beginning.ts'

const initial = [
  { name: 'n1', address: 'a:1' },
  { name: 'n2', address: 'b:1' },
]
const promised = {
  cluster: 'c'.repeat(16),
  members: initial.map((member, at) => ({ ...member, id: String(at).repeat(16) })),
}
const nothing = { logIsEmpty: true }

test.each<[string, WhatThereIs, Partial<WhatWasTold>, Beginning]>([
  ['nothing anywhere: alone', nothing, {}, { kind: 'alone' }],
  ['told of others: with them', nothing, { initial }, { kind: 'bootstrap', wanted: { initial } }],
  ['told how many: with as many', nothing, { expect: 3 }, { kind: 'bootstrap', wanted: { expect: 3 } }],
  ['told to join: joins', nothing, { joins: true }, { kind: 'join' }],
  ['has promised: goes on with it', { ...nothing, promised }, { initial }, { kind: 'bootstrap', wanted: { initial } }],
  [
    'has promised and is told nothing any more',
    { ...nothing, promised },
    {},
    { kind: 'bootstrap', wanted: { initial: promised.members } },
  ],
  ['has joined', { ...nothing, cluster: promised.cluster }, { joins: true }, { kind: 'joined' }],
  ['has a log, whatever it is told', { logIsEmpty: false }, { initial }, { kind: 'member' }],
  ['has a log and its promise', { logIsEmpty: false, promised, begun: true }, {}, { kind: 'member' }],
  ['had a log', { ...nothing, begun: true, promised }, { initial }, { kind: 'log-lost' }],
])('%s', (_, has, told, expected) => {
  expect(beginningOf(has, { initial: [], joins: false, ...told })).toEqual(expected)
})
