import { namedAddressFault, VOTERS_MAX } from '../cluster/initial-cluster.ts'
import { peerAddressFault } from '../cluster/peer-address.ts'
import { discoveryFault } from '../cluster/discovery-source.ts'
import { joinTokenFault } from '../cluster/join-token.ts'
import { JOB_RULES } from '../jobs/defaults.ts'
import { sinkList } from './sinks.ts'
import { boolean, bytes, choice, duration, integer, type Kind, list, text } from './kinds.ts'

/** One thing that can be configured: where it stands in the file is its key, e.g. `listen.port`. */
export interface Setting<T = unknown> {
  kind: Kind<T>
  /** Absent: there is none, the setting may be left out. */
  default?: T
  /** Never printed. */
  secret?: boolean
  /** A secret that has a flag all the same, because it is good once and not for long. */
  brief?: boolean
  /** One sentence for help and docs. */
  about: string
}

const MINUTE = 60_000
const DAY = 86_400_000
const MIB = 1_048_576

/** Every setting with its default and bounds: the only place where they stand. */
export const SETTINGS = {
  dataFolder: setting(text('<folder>'), 'Where the node keeps everything it knows', './cronclave-data'),
  nodeName: setting(
    text('<name>', (value) =>
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value) ? undefined : `"${value}" is not a name`,
    ),
    'Name of this node in the cluster, logs and ledger; its host name when absent',
  ),
  clusterKeyFile: setting(
    text('<file>'),
    'Key that seals secrets at rest; made on first start as cluster.key in the data folder when absent',
  ),
  clusterKey: {
    ...setting(text('<key>', clusterKeyFault), 'The same key as base64 of 32 bytes, instead of a file'),
    secret: true,
  },
  publicUrl: setting(text('<url>', urlFault), 'Address under which browsers and executors reach this node'),
  hosts: setting(list('<host>', hostFault), 'Further names accepted in the Host header', []),
  'listen.host': setting(text('<host>'), 'Address to listen on', '127.0.0.1'),
  'listen.port': setting(integer({ min: 0, max: 65_535 }), 'Port to listen on; 0 takes a free one', 7420),
  'peer.listen.host': setting(
    text('<host>'),
    'Address to listen on for other members; that of listen.host when absent',
  ),
  'peer.listen.port': setting(
    integer({ min: 0, max: 65_535 }),
    'Port for other members; the one after listen.port when absent, a free one when that is 0',
  ),
  'peer.address': setting(
    text('<host:port>', peerAddressFault),
    'Where other members reach this node; what it listens on when absent',
  ),
  'peer.cert': setting(
    text('<file>'),
    'Certificate of this node for other members (PEM); without one they prove the cluster key to each other',
  ),
  'peer.key': setting(text('<file>'), 'Private key of that certificate'),
  'peer.ca': setting(text('<file>'), "Who signs the members' certificates"),
  'peer.dial': setting(
    list('<name=host:port>', namedAddressFault),
    'Addresses at which this node dials members instead of the ones that they are known by',
    [],
  ),
  'tls.cert': setting(text('<file>'), 'Certificate of the API port (PEM), which then speaks HTTPS only'),
  'tls.key': setting(text('<file>'), 'Private key of that certificate'),
  'tls.clientCa': setting(text('<file>'), 'Who signs the certificates that clients of the API port then need'),
  snapshotRateMax: setting(
    bytes({ min: 64 * 1024, max: 10_240 * MIB }),
    'Bytes per second at which a state is sent to a member that is far behind',
    64 * MIB,
  ),
  initialCluster: setting(
    list('<name=host:port>', namedAddressFault),
    'All members of a new cluster, this node among them, the same on each; not looked at once the node is a member',
    [],
  ),
  bootstrapExpect: setting(
    integer({ min: 1, max: VOTERS_MAX }),
    'Number of nodes that begin a new cluster once discovery finds exactly so many, the same on each',
  ),
  discovery: setting(
    list('<source>', discoveryFault),
    'Where addresses of members are found: dns://name:port, srv://_service._tcp.name, https://host/list.json, or host:port',
    [],
  ),
  join: {
    ...setting(
      text('<token>', joinTokenFault),
      'Token of `cronclave member add`, with which a new node joins a cluster',
    ),
    secret: true,
    brief: true,
  },
  joinFile: setting(text('<file>'), 'File with such a token, instead'),
  'egress.allowLoopback': setting(boolean(), 'Jobs may call this machine', false),
  'egress.allowPrivate': setting(
    boolean(),
    'Jobs may call private networks (10/8, 172.16/12, 192.168/16, fc00::/7)',
    true,
  ),
  dispatchConcurrencyMax: setting(integer({ min: 1, max: 10_000 }), 'Requests to executors under way at once', 1024),
  namespaceSlots: setting(
    integer({ min: 1, max: 1_000_000 }),
    'Slots of the namespace `default` when the first start makes it',
    1000,
  ),
  'wal.segmentSize': setting(
    bytes({ min: 8 * MIB, max: 1024 * MIB }),
    'Size of a file of the write-ahead log, allocated whole before it is used',
    64 * MIB,
  ),
  logEntriesKeep: setting(
    integer({ min: 1000, max: 1_000_000_000 }),
    'Entries of the log that are kept for members that lag behind; without them they are sent the whole state',
    1_000_000,
  ),
  logBytesKeep: setting(
    bytes({ min: 16 * MIB, max: 1024 * 1024 * MIB }),
    'Size of the log that is kept for them, whichever is reached first',
    512 * MIB,
  ),
  logBytesMax: setting(
    bytes({ min: 32 * MIB, max: 1024 * 1024 * MIB }),
    'Size of the log beyond which nothing is kept, not even for a member that is being sent the state',
    4096 * MIB,
  ),
  diskReserve: setting(
    bytes({ min: 0, max: 1024 * 1024 * MIB }),
    'With less space than this free for the data folder, no new definitions are taken; four files of the log when absent, 0 never refuses',
  ),
  heartbeat: setting(
    duration({ min: 10, max: 10_000 }),
    'How often a leader lets the other members know that it leads',
    50,
  ),
  electionTimeout: setting(
    duration({ min: 100, max: 60_000 }),
    'How long a member waits for word from a leader before it stands for election, once to twice',
    500,
  ),
  nodeTtl: setting(
    duration({ min: 500, max: 10 * MINUTE }),
    'A node that is silent for so long is given up: the calls that it has under way are uncertain',
    3000,
  ),
  executorTtl: setting(
    duration({ min: 1000, max: 60 * MINUTE }),
    'An executor that announced itself and is silent for so long is offline; it is asked for three heartbeats in that time',
    30_000,
  ),
  maxClockSkew: setting(
    duration({ min: 50, max: MINUTE }),
    "By how much a leader's clock may differ from the median of a majority before it hands over",
    500,
  ),
  maxClockStep: setting(
    duration({ min: 1000, max: DAY }),
    'A step forward of the clock that is larger pauses firing until the uptime or other members confirm it',
    MINUTE,
  ),
  'scheduler.lateAfter': setting(
    duration({ min: 100, max: 10 * MINUTE }),
    'A fire due longer ago than this when scheduling starts again was missed',
    1000,
  ),
  'scheduler.catchUpPerSecond': setting(integer({ min: 1, max: 100_000 }), 'Missed fires started per second', 100),
  'scheduler.workers': setting(integer({ min: 1, max: 64 }), 'Workers of this node that plan where due work goes', 1),
  'ledger.maxAge': setting(
    duration(JOB_RULES.retention.ageMs),
    'How long finished runs are kept, unless their job or namespace says otherwise',
    30 * DAY,
  ),
  'ledger.failedMaxAge': setting(
    duration(JOB_RULES.retention.ageMs),
    'How long runs are kept that failed, timed out or were lost; like all others when absent',
  ),
  'ledger.maxRuns': setting(
    integer(JOB_RULES.retention.maxRuns),
    'Finished runs of a job that are kept at most, the newest',
    10_000,
  ),
  'ledger.countersMaxAge': setting(
    duration({ min: DAY, max: 3652 * DAY }),
    'How long the hourly counters are kept that statistics read',
    92 * DAY,
  ),
  'ledger.daysMaxAge': setting(
    duration({ min: 31 * DAY, max: 3652 * DAY }),
    'How long the counters of days are kept, which are made of the hourly ones',
    1830 * DAY,
  ),
  'ledger.bytesMax': setting(
    bytes({ min: 64 * MIB, max: 1024 * 1024 * 1024 * MIB }),
    'Space that the ledger may take while it keeps rows for sinks that do not have them yet; 0.7 of the disk when absent',
  ),
  goneAfter: setting(
    duration({ min: MINUTE, max: 365 * DAY }),
    'An executor that announced itself and is offline for so long is removed',
    DAY,
  ),
  'output.namespaceMax': setting(
    bytes({ min: MIB, max: 1024 * 1024 * MIB }),
    'Space on this node for the lines that handlers of one namespace log; the oldest go first',
    1024 * MIB,
  ),
  sinks: setting(
    sinkList(),
    'Databases that get every row of the ledger: name, host, port, user, database, tls, tablePrefix, passwordFile or passwordEnv of each; the same on every node',
    [],
  ),
  'log.target': setting(choice('stdout', 'file'), 'Where log lines go', 'stdout'),
  'log.path': setting(text('<file>'), 'Log file; cronclave.log in the data folder when absent'),
  'log.level': setting(choice('debug', 'info', 'warn', 'error', 'silent'), 'Least level that is written', 'info'),
  'log.format': setting(choice('auto', 'text', 'json'), 'auto: text on a terminal, JSON elsewhere', 'auto'),
  'log.maxSize': setting(bytes({ min: 1024, max: 1024 * 1024 * MIB }), 'A log file is rotated at this size', 50 * MIB),
  'log.maxAge': setting(duration({ min: 1000, max: 365 * DAY }), 'A log file is rotated at this age', DAY),
  'log.maxFiles': setting(integer({ min: 1, max: 1000 }), 'Rotated log files kept', 10),
  'limits.body': setting(bytes({ min: 1024, max: 64 * MIB }), 'Largest body of a request to the API', MIB),
  'limits.page': setting(integer({ min: 1, max: 500 }), 'Rows on a page of a list that asks for none itself', 50),
  'limits.streams': setting(integer({ min: 1, max: 100_000 }), 'Event streams open at once', 256),
  stopTimeout: setting(duration({ min: 0, max: 10 * MINUTE }), 'How long a stop waits for calls under way', 10_000),
} as const

export type SettingKey = keyof typeof SETTINGS

/** `listen.port` is `CRONCLAVE_LISTEN_PORT`, `egress.allowLoopback` is `CRONCLAVE_EGRESS_ALLOW_LOOPBACK`. */
export function environmentName(key: string): string {
  return `CRONCLAVE_${words(key).join('_').toUpperCase()}`
}

/** `listen.port` is `--listen-port`. */
export function flagName(key: string): string {
  return `--${words(key).join('-')}`
}

function words(key: string): string[] {
  return key
    .replace(/([A-Z])/g, '.$1')
    .toLowerCase()
    .split('.')
}

function setting<T>(kind: Kind<T>, about: string): Setting<T>
function setting<T>(kind: Kind<T>, about: string, fallback: NoInfer<T>): Setting<T> & { default: T }
function setting<T>(kind: Kind<T>, about: string, fallback?: T): Setting<T> {
  return fallback === undefined ? { kind, about } : { kind, about, default: fallback }
}

function clusterKeyFault(value: string): string | undefined {
  const length = Buffer.from(value, 'base64').length
  return length === 32 ? undefined : `the key is ${length} bytes long, not 32`
}

function urlFault(value: string): string | undefined {
  if (!URL.canParse(value)) return `"${value}" is not a URL`
  const url = new URL(value)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `"${value}" is neither http nor https`
  if (url.username !== '' || url.password !== '') return 'a URL with a password in it is not accepted'
  return url.pathname === '/' && url.search === '' && url.hash === ''
    ? undefined
    : `"${value}" has more than scheme, host and port`
}

function hostFault(value: string): string | undefined {
  return /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,252}))$/.test(value)
    ? undefined
    : `"${value}" is not a host name without port`
}
