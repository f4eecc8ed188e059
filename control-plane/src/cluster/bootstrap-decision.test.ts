import { describe, expect, test } from 'vitest'
import { type BootstrapView, decideBootstrap, type Found, type Hello } from './bootstrap-decision.ts'

const WANTS = 'n1=a:1,n2=b:1,n3=c:1'
const IDS: Record<string, string> = { n1: '1'.repeat(16), n2: '2'.repeat(16), n3: '3'.repeat(16), n4: '4'.repeat(16) }
const ADDRESSES: Record<string, string> = { n1: 'a:1', n2: 'b:1', n3: 'c:1', n4: 'd:1' }
const id = (name: string): string => IDS[name] ?? ''
const ids = (...names: string[]) => names.map(id)
const member = (name: string) => ({ id: id(name), name, address: ADDRESSES[name] ?? '' })
const RECORD = { cluster: 'c'.repeat(16), members: [member('n1'), member('n2'), member('n3')] }
const OTHER = { cluster: 'd'.repeat(16), members: [member('n1'), member('n2'), member('n3')] }
const promised = { cluster: RECORD.cluster, record: RECORD }

function hello(name: string, change: Partial<Hello> = {}): Hello {
  const { id: own, address } = member(name)
  return { member: own, name, address, wants: WANTS, sees: ids('n1', 'n2', 'n3'), ...change }
}

function at(name: string, change: Partial<Hello> = {}): Found {
  return { listed: name, address: ADDRESSES[name] ?? '', hello: hello(name, change) }
}

const gone = (name: string): Found => ({ listed: name, address: ADDRESSES[name] ?? '', fault: 'refused' })

function decide(self: Hello, found: Found[], more: Partial<BootstrapView> = {}) {
  return decideBootstrap({ self, found, size: 3, promised: new Set(), ...more })
}

describe('a fresh node', () => {
  test('with the lowest id makes the record once it sees all, fresh and agreeing', () => {
    expect(decide(hello('n1'), [at('n2'), at('n3')])).toEqual({ do: 'promise', members: RECORD.members })
  })

  test('whose id is not the lowest leaves that to the one whose it is', () => {
    expect(decide(hello('n2'), [at('n1'), at('n3')])).toEqual({ do: 'wait', why: 'n1 begins' })
  })

  test('promises the record that names it, from whomever it has it', () => {
    for (const one of [at('n1', promised), at('n2', promised)])
      expect(decide(hello('n3'), [one, gone('n4')])).toEqual({ do: 'promise', ...RECORD })
  })

  test.each<[string, Found[], string]>([
    ['one is missing', [at('n2'), gone('n3')], '1 of 3 nodes are missing (n3: refused)'],
    ['all are missing', [gone('n2'), gone('n3')], '2 of 3 nodes are missing (n2: refused, n3: refused)'],
    ['one was told otherwise', [at('n2'), at('n3', { wants: 'n1=a:1' })], 'n3 was told to begin with "n1=a:1"'],
    ['one does not see all', [at('n2', { sees: ids('n1', 'n2') }), at('n3')], 'n2 does not see the same nodes yet'],
    ['there are more', [at('n2'), at('n3'), at('n4')], '4 nodes were found where 3 are expected: n1, n2, n3, n4'],
    ['one is called otherwise', [at('n2'), { ...at('n3', { name: 'n9' }) }], 'c:1 is listed as n3 and is called n9'],
    ['two are one', [at('n2'), { listed: 'n3', address: 'c:1', hello: hello('n2') }], 'b:1 and c:1 are the same node'],
    ['one is itself', [{ listed: 'n2', address: 'b:1', hello: hello('n1') }, at('n3')], 'is this node itself'],
    [
      'two have one name',
      [
        { address: 'b:1', hello: hello('n2', { name: 'n3' }) },
        { address: 'c:1', hello: hello('n3') },
      ],
      'two nodes are called n3',
    ],
    [
      'two records name it',
      [at('n2', promised), at('n3', { cluster: OTHER.cluster, record: OTHER })],
      'n3 has promised another',
    ],
  ])('waits while %s', (_, found, why) => {
    const decision = decide(hello('n1'), found)
    expect(decision).toMatchObject({ do: 'wait' })
    expect(decision.do === 'wait' && decision.why).toContain(why)
  })

  test('does not begin beside a cluster that one of the listed is in, and says how to join it', () => {
    const without = { cluster: RECORD.cluster, members: [member('n2'), member('n3'), member('n4')] }
    for (const other of [
      { cluster: RECORD.cluster, begun: true },
      { cluster: RECORD.cluster, record: without },
    ]) {
      const decision = decide(hello('n1'), [at('n2', other), at('n3')])
      expect(decision).toMatchObject({ do: 'refuse', next: expect.stringContaining('cronclave member add') as string })
    }
  })

  test('that is to be the only one begins alone', () => {
    expect(decide(hello('n1', { sees: ids('n1') }), [], { size: 1 })).toEqual({
      do: 'promise',
      members: [member('n1')],
    })
  })
})

describe('a node that has promised', () => {
  const self = hello('n1', promised)

  test('begins when all members were seen to have promised, whether they answer now or not', () => {
    expect(decide(self, [gone('n2'), gone('n3')], { promised: new Set(ids('n2', 'n3')) })).toEqual({
      do: 'begin',
      record: RECORD,
    })
  })

  test('begins when one says that it has begun', () => {
    expect(decide(self, [at('n2', { ...promised, begun: true }), gone('n3')])).toEqual({ do: 'begin', record: RECORD })
  })

  test.each<[string, Found[], string]>([
    ['somebody has not', [at('n2', promised), at('n3')], 'n3 has not promised to begin yet'],
    ['nobody answers', [gone('n2'), gone('n3')], 'n2, n3 have not promised to begin yet'],
    [
      'one promised another record',
      [at('n2', { cluster: OTHER.cluster, record: OTHER }), at('n3')],
      'n2 has promised another',
    ],
    [
      'one was wiped',
      [{ listed: 'n2', address: 'b:1', hello: hello('n4', { address: 'b:1' }) }, at('n3')],
      'n2 has lost its data folder',
    ],
  ])('goes on looking while %s', (_, found, why) => {
    const decision = decide(self, found, {
      promised: new Set(
        found.flatMap((one) => ('hello' in one && one.hello.cluster === RECORD.cluster ? [one.hello.member] : [])),
      ),
    })
    expect(decision).toMatchObject({ do: 'wait' })
    expect(decision.do === 'wait' && decision.why).toContain(why)
  })
})
