import { describe, expect, test } from 'vitest'
import { environmentName, flagName, SETTINGS } from './config/settings.ts'
import type { Sources } from './config/sources.ts'
import { resolveConfig } from './config.ts'

function resolve(change: Partial<Sources> & { yaml?: string } = {}) {
  const { yaml, ...sources } = change
  return resolveConfig({
    env: {},
    flags: {},
    absolute: (path) => (path.startsWith('/') ? path : `/srv/${path.replace(/^\.\//, '')}`),
    hostname: 'host-1',
    ...(yaml === undefined ? {} : { file: { path: 'cronclave.yaml', text: yaml } }),
    ...sources,
  })
}

function configOf(change: Parameters<typeof resolve>[0] = {}) {
  const resolved = resolve(change)
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
  return resolved.config
}

function faultsOf(change: Parameters<typeof resolve>[0]) {
  const resolved = resolve(change)
  return resolved.ok ? [] : resolved.faults.map(({ where, key, detail }) => `${where}: ${key} ${detail}`)
}

test('without file, environment and flags the defaults are in force', () => {
  expect(configOf()).toEqual({
    dataFolder: '/srv/cronclave-data',
    nodeName: 'host-1',
    clusterKeyFile: '/srv/cronclave-data/cluster.key',
    hosts: ['localhost', '127.0.0.1', '[::1]'],
    listen: { host: '127.0.0.1', port: 7420 },
    peer: { listen: { host: '127.0.0.1', port: 7421 } },
    cluster: { initial: [], discovery: [] },
    network: { peerDial: [], snapshotBytesPerSecondMax: 67_108_864 },
    egress: { allowLoopback: false, allowPrivate: true },
    dispatchConcurrencyMax: 1024,
    namespaceSlots: 1000,
    wal: { segmentBytes: 67_108_864 },
    retention: { entriesKeep: 1_000_000, bytesKeep: 536_870_912, bytesMax: 4_294_967_296 },
    diskReserveBytes: 268_435_456,
    timing: { heartbeatMs: 50, electionMs: 500 },
    nodeTtlMs: 3000,
    executorTtlMs: 30_000,
    clocks: { maxSkewMs: 500, maxStepMs: 60_000 },
    scheduler: { lateAfterMs: 1000, catchUpPerSecond: 100, workers: 1 },
    log: {
      target: 'stdout',
      path: '/srv/cronclave-data/cronclave.log',
      level: 'info',
      format: 'auto',
      maxSizeBytes: 52_428_800,
      maxAgeMs: 86_400_000,
      maxFiles: 10,
    },
    ledger: {
      retention: { maxAgeMs: 2_592_000_000, maxRuns: 10_000 },
      countersMaxAgeMs: 7_948_800_000,
      daysMaxAgeMs: 158_112_000_000,
      goneAfterMs: 86_400_000,
    },
    sinks: [],
    output: { namespaceBytesMax: 1_073_741_824 },
    limits: { bodyBytesMax: 1_048_576, pageDefault: 50, streamsMax: 256 },
    stopTimeoutMs: 10_000,
  })
})

test('S019 S020 the environment outweighs the file, and flags outweigh both', () => {
  const config = configOf({
    yaml: 'listen: { host: 0.0.0.0, port: 1 }\nlog: { level: debug, maxSize: 1MiB }\nhosts: [a.example.com, B.example.com]',
    env: { CRONCLAVE_LISTEN_PORT: '2', CRONCLAVE_LOG_LEVEL: 'warn', PATH: '/bin' },
    flags: { 'listen.port': '3' },
  })
  expect(config).toMatchObject({
    listen: { host: '0.0.0.0', port: 3 },
    log: { level: 'warn', maxSizeBytes: 1_048_576 },
  })
  expect(config.hosts).toEqual(['localhost', '127.0.0.1', '[::1]', 'a.example.com', 'b.example.com'])
})

test('the host of the public address is accepted, and its trailing slash is dropped', () => {
  const config = configOf({ env: { CRONCLAVE_PUBLIC_URL: 'https://cron.example.com/' } })
  expect(config.publicUrl).toBe('https://cron.example.com')
  expect(config.hosts).toContain('cron.example.com')
})

test('what the client and an agent read from the environment is no fault of the server', () => {
  const names = ['TOKEN', 'SECRET', 'ENDPOINT', 'CHANNEL_URL', 'GOJOB_SECRET', 'LEASE', 'FENCING_TOKEN']
  const env = Object.fromEntries(names.map((name) => [`CRONCLAVE_${name}`, 'x']))
  expect(faultsOf({ env })).toEqual([])
})

test('every fault of every source is reported at once, with its place', () => {
  expect(
    faultsOf({
      yaml: 'listen:\n  port: 70000\n  prot: 1\negres:\n  allowLoopback: true\nlog: loud\nscheduler:\n  lateAfter: 5\n',
      env: { CRONCLAVE_LOG_LEVEL: 'loud', CRONCLAVE_LISTEN_PROT: '1' },
      flags: { namespaceSlots: '-1' },
    }),
  ).toEqual([
    'cronclave.yaml line 3: listen.prot unknown, did you mean listen.port?',
    'cronclave.yaml line 5: egres unknown, did you mean egress?',
    'cronclave.yaml line 6: log is not a mapping of settings',
    'CRONCLAVE_LISTEN_PROT: CRONCLAVE_LISTEN_PROT unknown, did you mean CRONCLAVE_LISTEN_PORT?',
    'cronclave.yaml line 2: listen.port 70000 is more than 65535',
    '--namespace-slots: namespaceSlots -1 is less than 1',
    'cronclave.yaml line 8: scheduler.lateAfter 5 is not a duration such as 90s, 10m or 1h30m',
    'CRONCLAVE_LOG_LEVEL: log.level "loud" is none of debug, info, warn, error, silent',
  ])
})

describe('what a file may not hold', () => {
  test.each([
    ['a broken line', 'listen: [', 'cronclave.yaml line 1'],
    ['a key twice', 'nodeName: a\nnodeName: b', 'cronclave.yaml line 2'],
    ['a list', '- a', 'cronclave.yaml'],
    [
      'a bomb of aliases',
      `a: &a [${'x,'.repeat(50)}x]\nb: &b [${'*a,'.repeat(50)}*a]\nc: [${'*b,'.repeat(50)}*b]`,
      'cronclave.yaml',
    ],
  ])('%s', (_, yaml, where) => {
    expect(faultsOf({ yaml })[0]).toContain(where)
  })

  test('an empty file and one of comments only are fine', () => {
    expect(configOf({ yaml: '' }).listen.port).toBe(7420)
    expect(configOf({ yaml: '# nothing\n' }).listen.port).toBe(7420)
    expect(configOf({ yaml: 'log:\n' }).log.level).toBe('info')
  })
})

test('what Kubernetes adds for a Service of our name, and what the client reads, is no fault', () => {
  expect(
    faultsOf({
      env: {
        CRONCLAVE_PORT: 'tcp://10.0.0.1:7420',
        CRONCLAVE_PORT_7420_TCP_ADDR: '10.0.0.1',
        CRONCLAVE_SERVICE_HOST: '10.0.0.1',
        CRONCLAVE_ENDPOINT: 'http://a:1',
      },
    }),
  ).toEqual([])
})

test('what is in force is listed with its source, and a secret is never shown, neither as value nor in a fault', () => {
  const key = Buffer.alloc(32, 7).toString('base64')
  const resolved = resolve({ env: { CRONCLAVE_CLUSTER_KEY: key, CRONCLAVE_LOG_MAX_AGE: '90m' } })
  expect(resolved).toMatchObject({ ok: true, config: { clusterKey: key } })
  const shown = resolved.ok ? resolved.settings : []
  expect(shown).toContainEqual({ key: 'clusterKey', value: '(hidden)', from: 'CRONCLAVE_CLUSTER_KEY' })
  expect(shown).toContainEqual({ key: 'log.maxAge', value: '90m', from: 'CRONCLAVE_LOG_MAX_AGE' })
  expect(shown).toContainEqual({ key: 'listen.port', value: '7420', from: 'default' })
  expect(JSON.stringify(resolve({ env: { CRONCLAVE_CLUSTER_KEY: 'hunter2' } }))).not.toContain('hunter2')
})

test('every default is within its own bounds, and no two settings share a name in the environment', () => {
  const names = Object.keys(SETTINGS).map(environmentName)
  expect(new Set(names).size).toBe(names.length)
  expect(flagName('egress.allowLoopback')).toBe('--egress-allow-loopback')
  const shown = resolve()
  for (const { key, value } of shown.ok ? shown.settings : []) {
    const { kind } = SETTINGS[key as keyof typeof SETTINGS]
    if (value !== '-') expect(kind.read(value), key).toMatchObject({ ok: true })
  }
})

describe('a cluster', () => {
  const three = 'n1=10.0.0.1:7421,n2=10.0.0.2:7421,n3=[fd00::3]:7421'

  test('is named with all its members; the address of this one is where others reach it', () => {
    const { peer, cluster } = configOf({ flags: { initialCluster: three, nodeName: 'n3' } })
    expect(cluster.initial.at(-1)).toEqual({ name: 'n3', address: '[fd00::3]:7421' })
    expect(peer).toEqual({ listen: { host: '127.0.0.1', port: 7421 }, address: '[fd00::3]:7421' })
  })

  test('S007 that is expected is found where discovery says', () => {
    const discovery = 'dns://cronclave.local:7421,srv://_cronclave._tcp.example.com,https://a.example/x.json,10.0.0.1:1'
    expect(configOf({ flags: { bootstrapExpect: '3', discovery } }).cluster).toEqual({
      initial: [],
      expect: 3,
      discovery: [
        { kind: 'dns', name: 'cronclave.local', port: 7421 },
        { kind: 'srv', name: '_cronclave._tcp.example.com' },
        { kind: 'https', url: 'https://a.example/x.json' },
        { kind: 'address', address: '10.0.0.1:1' },
      ],
    })
  })

  test.each([
    ['0', 0],
    ['65535', 0],
    ['8080', 8081],
  ])('has its own port after the port %s of the API', (port, peer) => {
    expect(configOf({ flags: { 'listen.port': port } }).peer.listen.port).toBe(peer)
  })

  const join = Buffer.from('x').toString('base64url')
  test.each([
    [{ initialCluster: three }, '--initial-cluster: initialCluster this node is called "host-1" and is not in it'],
    [{ initialCluster: `${three},n1=10.0.0.4:1`, nodeName: 'n1' }, '"n1" stands in it twice'],
    [{ initialCluster: `${three},n4=10.0.0.1:7421`, nodeName: 'n1' }, '"10.0.0.1:7421" stands in it twice'],
    [{ initialCluster: three, nodeName: 'n1', 'peer.address': '10.0.0.9:1' }, 'which initialCluster says of this node'],
    [{ initialCluster: three, nodeName: 'n1', bootstrapExpect: '3' }, 'initialCluster says already how many'],
    [{ initialCluster: three, nodeName: 'n1', joinFile: 'x' }, 'either begins a cluster or joins one'],
    [{ bootstrapExpect: '3' }, 'needs discovery'],
    [{ bootstrapExpect: '8', discovery: 'a:1' }, '8 is more than 7'],
    [{ initialCluster: 'n1' }, '"n1" is not a member such as'],
    [{ initialCluster: 'n 1=a:1' }, '"n 1" is not a name'],
    [{ initialCluster: 'n1=a:0' }, '"a:0" is not an address'],
    [{ discovery: 'http://a.example/x.json' }, 'is none of dns://name:port'],
    [{ discovery: 'https://u:p@a.example/' }, 'is none of dns://name:port'],
    [{ join }, '--join: join is not valid'],
  ])('is refused: %j', (flags, fault) => {
    expect(faultsOf({ flags }).join()).toContain(fault)
  })
})

describe('TLS', () => {
  test('is given by paths, each under its own flag', () => {
    const { network } = configOf({
      flags: { 'tls.cert': 'a.pem', 'tls.key': 'a.key', 'tls.clientCa': 'ca.pem', 'peer.dial': 'n2=127.0.0.1:9' },
      env: { CRONCLAVE_PEER_CERT: 'p.pem', CRONCLAVE_PEER_KEY: 'p.key', CRONCLAVE_PEER_CA: '/etc/ca.pem' },
    })
    expect(network).toEqual({
      tls: { cert: '/srv/a.pem', key: '/srv/a.key', ca: '/srv/ca.pem' },
      peerCertificates: { cert: '/srv/p.pem', key: '/srv/p.key', ca: '/etc/ca.pem' },
      peerDial: [{ name: 'n2', address: '127.0.0.1:9' }],
      snapshotBytesPerSecondMax: 67_108_864,
    })
    const flags = ['tls.cert', 'tls.key', 'tls.clientCa', 'peer.cert', 'peer.key', 'peer.ca', 'peer.dial'].map(flagName)
    expect(flags.join(' ')).toBe('--tls-cert --tls-key --tls-client-ca --peer-cert --peer-key --peer-ca --peer-dial')
  })

  test.each([
    [{ 'tls.cert': 'a' }, '--tls-cert: tls.cert needs tls.key too'],
    [{ 'tls.clientCa': 'a' }, '--tls-client-ca: tls.clientCa needs tls.cert and tls.key too'],
    [{ 'peer.cert': 'a', 'peer.key': 'b' }, '--peer-cert: peer.cert needs peer.ca too'],
    [{ 'peer.ca': 'a' }, '--peer-ca: peer.ca needs peer.cert and peer.key too'],
  ])('is never half of it: %j', (flags, fault) => {
    expect(faultsOf({ flags })).toEqual([fault])
  })
})

describe('sinks', () => {
  const sink = '{ name: archive, host: db.internal, user: cronclave, database: ledger'

  test('S099 are named in the file, each with its password elsewhere', () => {
    const yaml = `sinks:\n  - ${sink}, passwordFile: db.password }\n  - ${sink.replace('archive', 'second')}, passwordEnv: DB, port: 4000, tls: 'off' }`
    expect(configOf({ yaml, env: { DB: 'hunter2' } }).sinks).toEqual([
      {
        name: 'archive',
        connection: {
          kind: 'mysql',
          host: 'db.internal',
          port: 3306,
          user: 'cronclave',
          database: 'ledger',
          tls: 'verify',
          tablePrefix: 'cronclave_',
        },
        passwordFile: '/srv/db.password',
      },
      expect.objectContaining({
        name: 'second',
        password: 'hunter2',
        connection: expect.objectContaining({ port: 4000, tls: 'off' }) as object,
      }),
    ])
  })

  test.each([
    [`${sink}, password: hunter2 }`, '/0/password stands in passwordFile or in the variable passwordEnv, not here'],
    [`${sink}, passwordEnv: NO }`, 'sink archive: there is no variable NO'],
    [`${sink}, passwordFile: a, passwordEnv: B }`, '/0/passwordEnv passwordFile is given already'],
    ['{ name: archive, user: u, database: d }', '/0/host is missing'],
    [`${sink}, prot: 1 }`, '/0/prot unknown, did you mean port?'],
    [`${sink} }\n  - ${sink} }`, 'names archive twice'],
    [
      `${sink} }\n  - ${sink.replace('archive', 'b')} }`,
      '/1/tablePrefix the tables of this prefix there are those of sink archive',
    ],
    ['archive', '/0 is not an object'],
  ])('as %s are refused', (line, fault) => {
    const faults = faultsOf({ yaml: `sinks:\n  - ${line}` })
    expect(faults).toEqual([expect.stringContaining(`cronclave.yaml line 2: sinks ${fault}`)])
    expect(faults.join()).not.toContain('hunter2')
  })
})
