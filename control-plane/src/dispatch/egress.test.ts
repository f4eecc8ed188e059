import type { LookupAddress } from 'node:dns'
import { describe, expect, test } from 'vitest'
import { guardedLookup } from './connector.ts'
import { createEgressPolicy } from './egress.ts'

const policy = createEgressPolicy()
const open = createEgressPolicy({ allowLoopback: true })

describe('refused by default', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.8.9.1', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['::', 'unspecified'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fd00:ec2::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['192.0.0.192', 'metadata'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['::ffff:a9fe:a9fe', 'link-local'],
    ['::ffff:0:169.254.169.254', 'link-local'],
    ['::169.254.169.254', 'link-local'],
    ['64:ff9b::169.254.169.254', 'link-local'],
    ['64:ff9b:1::a9fe:a9fe', 'link-local'],
    ['2002:a9fe:a9fe::1', 'link-local'],
    ['2001:0:4136:e378:8000:63bf:5601:5601', 'link-local'],
    ['2a00::5efe:169.254.169.254', 'link-local'],
    ['64:ff9b::6464:64c8', 'metadata'],
    ['example.test', 'not an address'],
    ['', 'not an address'],
  ])('%s: %s', (address, why) => {
    expect(policy.judge(address, 80)).toEqual({ allowed: false, why: expect.stringContaining(why) })
  })
})

test.each([
  '93.184.216.34',
  '10.0.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '2606:2800:220:1::1',
  'fd00::1',
  '64:ff9b::808:808',
])('%s may be called', (address) => {
  expect(policy.judge(address, 443)).toEqual({ allowed: true })
})

test('private ranges can be refused, in every form', () => {
  const strict = createEgressPolicy({ allowPrivate: false })
  for (const address of [
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
  ]) {
    expect(strict.judge(address, 80)).toMatchObject({ allowed: false })
  }
  expect(strict.judge('8.8.8.8', 80)).toEqual({ allowed: true })
})

test('loopback is allowed only when asked for, and never the cluster’s own listeners', () => {
  const listeners = [
    { host: '0.0.0.0', port: 7420 },
    { host: '10.0.0.5', port: 7421 },
  ]
  const own = createEgressPolicy({ allowLoopback: true, ownListeners: listeners, ownAddresses: ['10.0.0.5'] })
  expect(own.judge('127.0.0.1', 8080)).toEqual({ allowed: true })
  for (const [address, port] of [
    ['127.0.0.1', 7420],
    ['::1', 7420],
    ['::ffff:127.0.0.1', 7420],
    ['10.0.0.5', 7420],
    ['10.0.0.5', 7421],
    ['::ffff:10.0.0.5', 7421],
  ] as const) {
    expect(own.judge(address, port)).toMatchObject({ allowed: false, why: expect.stringContaining('own listener') })
  }
  expect(own.judge('10.0.0.6', 7421)).toEqual({ allowed: true })
})

test('no member of the cluster is called, as they come and go', () => {
  let members: { address: string; apiUrl?: string }[] = []
  const policy = createEgressPolicy({ allowLoopback: true, members: () => members })
  expect(policy.judge('10.0.0.5', 7421)).toEqual({ allowed: true })
  members = [{ address: '' }, { address: '10.0.0.5:7421', apiUrl: 'https://10.0.0.5' }, { address: '[fd00::5]:7421' }]
  for (const [address, port] of [
    ['10.0.0.5', 7421],
    ['::ffff:10.0.0.5', 7421],
    ['10.0.0.5', 443],
    ['fd00::5', 7421],
  ] as const) {
    expect(policy.judge(address, port)).toMatchObject({ allowed: false, why: expect.stringContaining('own listener') })
  }
  expect(policy.judge('10.0.0.5', 80)).toEqual({ allowed: true })
  expect(policy.judge('fd00::6', 7421)).toEqual({ allowed: true })
})

describe('a URL that somebody saves', () => {
  test.each([
    ['http://2130706433/', 'loopback'],
    ['http://0177.0.0.1/', 'loopback'],
    ['http://0x7f.1/', 'loopback'],
    ['http://localhost:8080/', 'loopback'],
    ['http://api.localhost./', 'loopback'],
    ['http://[::ffff:7f00:1]/', 'loopback'],
    ['http://0xa9fea9fe/latest', 'link-local'],
    ['http://[fd00:ec2::254]/', 'metadata'],
    ['http://0/', 'unspecified'],
    ['ftp://example.test/', 'not http or https'],
    ['file:///etc/passwd', 'not http or https'],
    ['http://user:pass@example.test/', 'credentials'],
    ['http://example.test/#x', 'fragment'],
    ['http://example.test:0/', 'port 0'],
    ['http://', 'not a URL'],
    ['example.test', 'not a URL'],
  ])('%s is refused: %s', (url, why) => {
    expect(policy.checkUrl(url)?.detail).toContain(why)
  })

  test('may be a name, which is judged when it is called', () => {
    expect(policy.checkUrl('https://example.test/hook?x=1')).toBeUndefined()
    expect(open.checkUrl('http://127.0.0.1:9000/')).toBeUndefined()
  })
})

describe('a name', () => {
  const resolveTo = (addresses: LookupAddress[]) => {
    return (_: string, __: object, done: (error: Error | null, found: LookupAddress[]) => void) => done(null, addresses)
  }
  const look = (addresses: LookupAddress[], all: boolean) =>
    new Promise((resolve) => {
      guardedLookup(policy, 80, resolveTo(addresses))('name.test', { all }, (error, ...found) =>
        resolve(error ?? found),
      )
    })
  const good = { address: '93.184.216.34', family: 4 }

  test('connects to the addresses that were judged', async () => {
    expect(await look([good], true)).toEqual([[good]])
    expect(await look([good], false)).toEqual(['93.184.216.34', 4])
  })

  test('is refused when any of its addresses is, in whatever form', async () => {
    for (const address of ['127.0.0.1', '169.254.169.254', '::ffff:169.254.169.254', '64:ff9b::7f00:1']) {
      const bad = { address, family: address.includes(':') ? 6 : 4 }
      expect(await look([good, bad], true)).toMatchObject({ code: 'EGRESS_REFUSED' })
      expect(await look([good, bad], false)).toMatchObject({ code: 'EGRESS_REFUSED' })
    }
  })

  test('without an address does not resolve', async () => {
    expect(await look([], true)).toMatchObject({ code: 'ENOTFOUND' })
  })
})
