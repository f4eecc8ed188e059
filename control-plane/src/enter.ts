import { readFile } from 'node:fs/promises'
import { type Beginning, beginningOf, keyMissing, lostLog } from './cluster/beginning.ts'
import { Bootstrap } from './cluster/bootstrap.ts'
import { diverged } from './cluster/digest-watch.ts'
import { Discovery } from './cluster/discovery.ts'
import { encodeHello } from './cluster/hello.ts'
import type { InitialCluster } from './cluster/initial-cluster.ts'
import { joinCluster } from './cluster/join.ts'
import { decodeJoinToken, joinTokenFault } from './cluster/join-token.ts'
import { systemLookups } from './cluster/lookups.ts'
import { raftId } from './cluster/member-id.ts'
import type { NetworkHandlers } from './cluster/network.ts'
import { formatPeerAddress } from './cluster/peer-address.ts'
import { ClusterRefused } from './cluster/refused.ts'
import type { Config } from './config.ts'
import { dialOut } from './peers/line.ts'
import type { Admission, Credentials, Line, Peers, PeersOptions, Refused, Self } from './peers/options.ts'
import { openPeers } from './peers/peers.ts'
import type { MemberId } from './raft/types.ts'
import type { Clock } from './runtime/clock.ts'
import type { Logger } from './runtime/logger.ts'
import type { Random } from './runtime/random.ts'
import { StorageError } from './runtime/storage-error.ts'
import { VERSION } from './runtime/version.ts'
import { COMMAND_VERSION } from './state/commands.ts'
import { clusterKey, existingClusterKey, keepClusterKey } from './store/data-folder.ts'
import { type MemberFile, readMember, writeMember } from './store/member-file.ts'
import { nodeFileSystem } from './wal/node-file-system.ts'

/** Version of the time zone database of this process. */
export const TZDATA = process.versions.tz ?? ''

export interface EnterDeps {
  clock: Clock
  random: Random
  logger: Logger
  /** Aborted when the node is to stop while it waits for others. */
  signal: AbortSignal
}

/** What the running node answers others; what is absent yet is refused, and asked again. */
export interface Doors {
  handlers?: NetworkHandlers
  /** The id of the cluster, as the log says it; empty while it says none. */
  cluster?(): string
  /** A node shows its join token. */
  join?(body: Uint8Array): Promise<Uint8Array>
  joinKey?(id: string): Uint8Array | undefined
  admit?(member: MemberId): Admission
  onRefused?(refused: Refused): void
  /** Whether changes wait for their place in the log. */
  isBusy?(): boolean
}

/** What a node begins with: who it is, its port for other members, and the cluster that it begins, joins or is in. */
export interface Entered {
  member: string
  name: string
  address: string
  key: Buffer
  peers: Peers
  begin: InitialCluster | 'join'
  /** To be called when the log has been begun: from then on a folder without one is no member any more. */
  begun(cluster: string): Promise<void>
  /** Its state is not that of the others: no later start serves it either. */
  setAside(why: string): Promise<void>
}

interface Identity {
  file: MemberFile
  name: string
  key: Buffer
}

/**
 * Opens the port for other members and takes a node to the point where its log can be opened: a new one begins a cluster
 * alone or with others, or joins one. Rejects with `ClusterRefused` when it never will.
 */
export async function enter(config: Config, folder: Folder, deps: EnterDeps, doors: Doors): Promise<Entered> {
  const { random } = deps
  const found = await readMember(folder.folder, random)
  if (found.diverged !== undefined) throw diverged(folder.folder, found.diverged)
  const beginning = beginningOf({ ...found, logIsEmpty: await isEmpty(folder.wal) }, toldOf(config))
  if (beginning.kind === 'log-lost') throw lostLog(folder.folder)
  const { file, name, key } =
    beginning.kind === 'join'
      ? await join(config, folder, found.member, deps)
      : { file: found, name: config.nodeName, key: await keyFor(beginning, config, random) }
  const wanted = beginning.kind === 'bootstrap' ? beginning.wanted : undefined
  let kept = file
  const keep = async (change: Partial<MemberFile>) => {
    kept = { ...kept, ...change }
    await writeMember(folder.folder, kept)
  }
  let bootstrap: Bootstrap | undefined
  const self = (): Self => ({
    cluster: clusterOf(kept, doors),
    member: raftId(file.member),
    name,
    ...(config.peer.address === undefined ? {} : { address: config.peer.address }),
    boot,
    build: VERSION,
    tzdata: TZDATA,
  })
  const boot = Buffer.from(random.bytes(4)).toString('hex')
  const hello = () => bootstrap?.hello() ?? helloOf(kept, name, address, clusterOf(kept, doors) ?? kept.cluster)
  const peers = await openPeers(peersOptions(config, deps, { key, self, hello, doors }))
  const address = config.peer.address ?? formatPeerAddress(peers.address)
  try {
    if (wanted === undefined) {
      const alone = { cluster: newClusterId(random), members: [{ id: file.member, name, address }] }
      const begin = file.promised ?? (file.cluster === undefined ? alone : 'join')
      return {
        member: file.member,
        name,
        address,
        key,
        peers,
        begin,
        begun: (cluster) => keep({ cluster, begun: true }),
        setAside: (why) => keep({ diverged: why }),
      }
    }
    const overrides = dialOverrides(config)
    const { initial } = config.cluster
    const discovery = new Discovery(config.cluster.discovery, systemLookups(), deps.logger)
    bootstrap = new Bootstrap({
      ...deps,
      self: { member: file.member, name, address },
      wanted,
      discover: () => discovery.addresses(),
      ask: (at, timeoutMs) =>
        askHello(peers, overrides.get(at) ?? at, timeoutMs, initial.find(({ address: its }) => its === at)?.name),
      promised: file.promised,
      keep: (record) => keep({ promised: record, cluster: record.cluster }),
    })
    const begin = await bootstrap.run(deps.signal)
    return {
      member: file.member,
      name,
      address,
      key,
      peers,
      begin,
      begun: (cluster) => keep({ cluster, begun: true }),
      setAside: (why) => keep({ diverged: why }),
    }
  } catch (error) {
    await peers.close()
    throw error
  }
}

interface Folder {
  folder: string
  wal: string
}

/** Shows the join token to a member; what comes back is durable before anything is done with it. */
async function join(config: Config, { folder }: Folder, ownId: string, deps: EnterDeps): Promise<Identity> {
  const { clock, logger, signal } = deps
  const token = await readToken(config)
  const address = addressToJoinWith(config)
  const joined = await joinCluster(
    {
      clock,
      logger,
      token,
      self: {
        address,
        ...(config.publicUrl === undefined ? {} : { apiUrl: config.publicUrl }),
        folder: ownId,
        version: VERSION,
        clusterVersion: COMMAND_VERSION,
        tzdata: TZDATA,
      },
      async ask(at, body, timeoutMs) {
        const line = await dialOut(
          at,
          { purpose: 'join', token: { id: token.member, key: token.secret } },
          {
            clock,
            logger,
            self: {
              cluster: undefined,
              member: raftId(token.member),
              name: config.nodeName,
              address,
              boot: '',
              build: VERSION,
              tzdata: TZDATA,
            },
            credentials: credentialsOf(config, token.secret),
            name: token.names[token.addresses.indexOf(at)],
          },
        )
        return ask(line, 'join', body, timeoutMs)
      },
    },
    signal,
  )
  const key = Buffer.from(joined.clusterKey, 'base64')
  await keepClusterKey(config, key)
  const file = { member: joined.member, cluster: joined.cluster }
  await writeMember(folder, file)
  logger.info({ cluster: joined.cluster, name: joined.name, members: joined.members.length }, 'this node has joined')
  return { file, name: joined.name, key }
}

async function readToken({ cluster, dataFolder }: Config) {
  const { joinToken, joinFile } = cluster
  const text =
    joinToken ?? (joinFile === undefined ? '' : await readFile(joinFile, 'utf8').catch(unreadable(dataFolder)))
  const token = decodeJoinToken(text.trim())
  if (token) return token
  const fault = joinTokenFault(text) ?? 'it is not a join token'
  throw new ClusterRefused(
    `The join token cannot be used: ${fault}.`,
    'Make one with `cronclave member add` and copy it whole.',
  )
}

function unreadable(folder: string) {
  return (error: Error): never => {
    throw new StorageError(`The file with the join token cannot be read: ${error.message}.`, {
      folder,
      nextStep: 'Give the path of a file that holds the token which `cronclave member add` printed.',
      cause: error,
    })
  }
}

function addressToJoinWith({ peer }: Config): string {
  if (peer.address !== undefined) return peer.address
  if (peer.listen.port !== 0) return formatPeerAddress(peer.listen)
  throw new ClusterRefused(
    'A node that joins a cluster needs a peer port that stays the same.',
    'Give one with --peer-listen-port, or the address at which others reach this node with --peer-address.',
  )
}

function peersOptions(
  config: Config,
  { clock, random, logger }: EnterDeps,
  { key, self, hello, doors }: { key: Buffer; self(): Self; hello(): Uint8Array; doors: Doors },
): PeersOptions {
  const open = (): NetworkHandlers => {
    if (doors.handlers) return doors.handlers
    throw new Error('the node is starting')
  }
  return {
    clock,
    random,
    logger,
    listen: config.peer.listen,
    self,
    credentials: credentialsOf(config, key, (id) => doors.joinKey?.(id)),
    dial: new Map(config.network.peerDial.map(({ name, address }) => [name, address])),
    // A state that is sent has time; a change that waits has none.
    rateBytesPerSecond: () => config.network.snapshotBytesPerSecondMax / (doors.isBusy?.() ? 2 : 1),
    admit: (member) => doors.admit?.(member) ?? 'welcome',
    handlers: {
      onMessage: (message) => doors.handlers?.onMessage(message),
      onUnreachable: (peer) => doors.handlers?.onUnreachable(peer),
      onRequest: async (from, kind, body) => open().onRequest(from, kind, body),
      onSnapshot: async (from, snapshot, chunks) => open().onSnapshot(from, snapshot, chunks),
      onRefused: (refused) => doors.onRefused?.(refused),
      async onStranger({ purpose }, body) {
        if (purpose === 'bootstrap') return hello()
        if (doors.join) return doors.join(body)
        throw new Error('the node is starting')
      },
    },
  }
}

function credentialsOf(
  { network }: Config,
  key: Uint8Array,
  joinKey?: (id: string) => Uint8Array | undefined,
): Credentials {
  if (network.peerCertificates) return { kind: 'certificates', ...network.peerCertificates }
  return { kind: 'cluster-key', key, ...(joinKey ? { joinKey } : {}) }
}

async function askHello(peers: Peers, address: string, timeoutMs: number, name?: string): Promise<Uint8Array> {
  const line = await peers.dial(address, { purpose: 'bootstrap' }, timeoutMs, name)
  return ask(line, 'bootstrap', new Uint8Array(0), timeoutMs)
}

async function ask(line: Line, kind: 'join' | 'bootstrap', body: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
  try {
    return await line.request(kind, body, timeoutMs)
  } finally {
    line.close()
  }
}

/** What the log says counts; before it is opened, what was promised or joined, unless the log may say otherwise. */
function clusterOf(file: MemberFile, doors: Doors): string | undefined {
  const said = doors.cluster?.()
  if (said !== undefined && said !== '') return said
  return file.begun ? undefined : file.cluster
}

/** What a node that is a member, or to be one, says to those that begin a cluster. */
function helloOf(file: MemberFile, name: string, address: string, cluster: string | undefined): Uint8Array {
  const { member, promised } = file
  return encodeHello({
    member,
    name,
    address,
    wants: '',
    sees: [member],
    ...(cluster === undefined ? {} : { cluster, begun: true }),
    ...(promised && promised.cluster === cluster ? { record: promised } : {}),
  })
}

/** Only a node alone makes a key of its own; members need the one of their cluster. */
async function keyFor(beginning: Beginning, config: Config, random: Random): Promise<Buffer> {
  if (beginning.kind === 'alone' || beginning.kind === 'member') return clusterKey(config, random)
  const key = await existingClusterKey(config)
  if (key) return key
  throw keyMissing(config.dataFolder, config.clusterKeyFile)
}

function toldOf({ cluster }: Config) {
  const { initial, expect, joinToken, joinFile } = cluster
  return {
    initial,
    ...(expect === undefined ? {} : { expect }),
    joins: joinToken !== undefined || joinFile !== undefined,
  }
}

/** Where addresses of the initial members are really dialled. */
function dialOverrides({ cluster, network }: Config): Map<string, string> {
  const byName = new Map(network.peerDial.map(({ name, address }) => [name, address]))
  return new Map(
    cluster.initial.flatMap(({ name, address }) => {
      const instead = byName.get(name)
      return instead === undefined ? [] : [[address, instead] as const]
    }),
  )
}

async function isEmpty(wal: string): Promise<boolean> {
  try {
    return (await nodeFileSystem.list(wal)).length === 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw new StorageError(`The folder ${wal} cannot be read: ${(error as Error).message}.`, {
      folder: wal,
      nextStep: 'See that this user may read it, and that the disk is in order.',
      cause: error,
    })
  }
}

function newClusterId(random: Random): string {
  return Buffer.from(random.bytes(8)).toString('hex')
}
