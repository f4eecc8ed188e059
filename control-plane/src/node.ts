import { createApp } from './api/app.ts'
import { Feed } from './api/feed.ts'
import { listen } from './api/front.ts'
import { type AdminTokenDeps, ensureAdminToken } from './auth/admin-token.ts'
import { LoginCodes } from './auth/login-codes.ts'
import { deriveSessionKey } from './auth/session.ts'
import type { LaneStanding } from './logs/sinks-port.ts'
import { SaidAlone } from './alerts/said.ts'
import { saidFile } from './store/said-file.ts'
import type { RunningNode } from './cli/node-port.ts'
import { statesIn } from './cluster/states.ts'
import { timingOf } from './cluster/ticker.ts'
import type { Config } from './config.ts'
import { certificateFiles } from './config/network.ts'
import { Core } from './core.ts'
import type { Metrics } from './metrics/metrics.ts'
import { nodeMetrics } from './node-metrics.ts'
import { Outlets } from './outlets.ts'
import { type Part, takePart } from './take-part.ts'
import { type Doors, enter, type Entered, TZDATA } from './enter.ts'
import { callbackBase, callbacksAt } from './dispatch/callback.ts'
import { OutputStore } from './output/output-store.ts'
import { createHttp } from './dispatch/http.ts'
import { createEgressPolicy } from './dispatch/egress.ts'
import { PollDesk } from './registration/poll-desk.ts'
import type { Clock } from './runtime/clock.ts'
import { type Deferred, deferred, failed } from './runtime/deferred.ts'
import type { Logger } from './runtime/logger.ts'
import { ownAddresses } from './runtime/own-addresses.ts'
import type { Random } from './runtime/random.ts'
import { VERSION } from './runtime/version.ts'
import { explain } from './scheduler/explain.ts'
import { checkClusterKey } from './signing/check-key.ts'
import { deriveCallbackKey } from './signing/callback-token.ts'
import { createSealer } from './signing/seal.ts'
import type { Event } from './state/applied.ts'
import { checkClusterVersion } from './state/command-versions.ts'
import { COMMAND_VERSION } from './state/commands.ts'
import { executorsOf } from './state/executors.ts'
import { pauseAbove } from './state/pauses.ts'
import { dataFolder, writePrivate } from './store/data-folder.ts'
import { diskOf } from './store/free-space.ts'
import { lockFolder } from './store/folder-lock.ts'
import { Ledger } from './store/ledger.ts'
import { exportState } from './store/state-export.ts'
import type { LevelStore } from './store/level-store.ts'
import { nodeFileSystem } from './wal/node-file-system.ts'

export { resetAdminToken } from './reset-admin.ts'

/** How long a member waits for a leader before it serves without one, in milliseconds. */
const SOON_MS = 3000

export interface NodeDeps {
  clock: Clock
  random: Random
  logger: Logger
  /** Aborted when the node is to stop while it still waits for others. */
  signal?: AbortSignal
}

/**
 * Starts a node: takes its port and its data folder, brings the state to where the last process left it, schedules, and
 * serves. Throws a `StorageError` when the folder cannot be used, or the error of `listen`.
 */
export async function startNode(config: Config, deps: NodeDeps): Promise<RunningNode> {
  const failure = deferred<Error>()
  const closing: (() => Promise<void>)[] = []
  try {
    return await start(config, deps, failure, closing)
  } catch (error) {
    await closeAll(closing).catch((cause: unknown) =>
      deps.logger.warn({ error: String(cause) }, 'the node did not close cleanly'),
    )
    // A disk that failed meanwhile says more than the write that was not committed because of it.
    throw (await Promise.race([failure.promise, Promise.resolve(undefined)])) ?? error
  }
}

async function start(
  config: Config,
  deps: NodeDeps,
  failure: Deferred<Error>,
  closing: (() => Promise<void>)[],
): Promise<RunningNode> {
  const { clock, random, logger } = deps
  const folder = dataFolder(config.dataFolder)
  const { tls } = config.network
  const front = await listen({ ...config.listen, ...(tls ? { tls: { paths: tls, clock, logger } } : {}) })
  closing.push(() => front.close())
  const lock = await lockFolder(folder.folder)
  closing.push(() => lock.release())
  const { signal = new AbortController().signal } = deps
  const doors: Doors = {}
  const entered = await enter(config, folder, { clock, random, logger, signal }, doors)
  const { member: node, key, address, peers } = entered
  closing.push(() => peers.close())

  let members: () => Iterable<{ address: string; apiUrl?: string }> = () => []
  const own = { ownListeners: [front.address, peers.address], ownAddresses: ownAddresses(), members: () => members() }
  const egress = createEgressPolicy({ ...config.egress, ...own })
  const sealer = createSealer(key, random)
  const callbackKey = deriveCallbackKey(key)
  const feed = new Feed(Buffer.from(random.bytes(6)).toString('hex'))
  const startedAt = clock.now()
  let onEvent: (event: Event) => void = () => undefined
  let onReplaced: () => void = () => undefined
  let standings: () => LaneStanding[] = () => []
  let part: Part | undefined
  let metrics: Metrics | undefined
  const lines = await OutputStore.open({ ...config.output, folder: folder.output, clock, logger })
  closing.push(() => lines.close())
  let onBroken: (origin: string) => void = () => undefined
  const pollDesk = new PollDesk(clock)
  const http = pollDesk.beside(createHttp({ egress, onBroken: (origin) => onBroken(origin) }))
  closing.push(() => http.close())
  const core = await Core.start<LevelStore>({
    http,
    clock,
    random,
    logger,
    config,
    fileSystem: nodeFileSystem,
    walFolder: folder.wal,
    walSegmentBytes: config.wal.segmentBytes,
    retention: config.retention,
    disk: diskOf(folder.folder, config.diskReserveBytes),
    standings: () => standings(),
    states: statesIn(folder.folder, { clock, tzdata: TZDATA, onFatal: failure.resolve }),
    sealer,
    egress,
    callbackOf: callbacksAt(callbackBase(config.publicUrl, front, logger), callbackKey),
    withoutLines: (command) => part?.output.withoutLines(command) ?? command,
    node,
    begin: entered.begin,
    timing: timingOf(config.timing.heartbeatMs, config.timing.electionMs),
    about: { version: VERSION, clusterVersion: COMMAND_VERSION, tzdata: TZDATA },
    address,
    ...(config.publicUrl === undefined ? {} : { apiUrl: config.publicUrl }),
    connect(given) {
      doors.handlers = given
      return peers
    },
    check(loaded) {
      checkClusterVersion(loaded, folder.folder)
      checkClusterKey(loaded, sealer, {
        folder: folder.folder,
        key: config.clusterKey ? 'clusterKey' : config.clusterKeyFile,
      })
    },
    onRequest: async (_from, kind, body) => {
      if (part) return part.onRequest(kind, body)
      throw new Error('the node is starting')
    },
    onEvent: (event) => onEvent(event),
    onReplaced: () => onReplaced(),
    onFatal: failure.resolve,
    onDiverged(error) {
      const unwritten = (cause: unknown) => logger.error({ error: String(cause) }, 'member.json could not be written')
      void entered
        .setAside(error.message)
        .catch(unwritten)
        .then(() => failure.resolve(error))
    },
  })
  const openSecret = sealer.open.bind(sealer)
  const propose = core.consensus.propose.bind(core.consensus)
  const baseUrl = config.publicUrl ?? front.url
  const deliver = {
    clock,
    random,
    logger,
    state: () => core.state,
    propose,
    submit: core.submit.bind(core),
    openSecret,
    egress,
    sealer,
    store: core.store,
  }
  const said = await SaidAlone.open(saidFile(folder.folder, logger))
  closing.push(() => said.stop())
  const outlets = new Outlets({
    ...deliver,
    said,
    baseUrl,
    node,
    consensus: core.consensus,
    network: core.network,
    tracing: core.tracing,
    configured: config.sinks,
    executorTtlMs: config.executorTtlMs,
    pollDesk,
  })
  onEvent = (event) => {
    feed.onEvent(core.state, event)
    part?.onEvent(event)
    outlets.onEvent(event)
    metrics?.onEvent(event)
  }
  onReplaced = () => {
    feed.reset(core.state.index)
    part?.onEvent({ type: 'members-changed' })
  }
  feed.kv.reset(core.state.index)
  closing.push(() => core.stop(config.stopTimeoutMs))
  members = () => core.state.members.values()
  onBroken = (origin) => outlets.executors.doubt(origin)
  doors.cluster = () => core.state.cluster || core.engine.cluster
  standings = () => outlets.standings()
  outlets.follow(core.consensus)
  closing.push(() => outlets.stop())
  part = takePart({
    clock,
    random,
    logger,
    core,
    entered,
    doors,
    startedAt,
    lines,
    dataFolder: folder.folder,
    certificates: certificateFiles(config.network),
    nodeTtlMs: config.nodeTtlMs,
    said: () => said.over(core.state),
    answer: (body) => outlets.sinks.answer(body),
    answerExecutors: (body) => outlets.executors.answer(body),
    onRemoved: failure.resolve,
  })
  closing.push(async () => part?.stop())
  metrics = nodeMetrics(core, clock, {
    report: part.report,
    sinks: () => outlets.sinks.figures(),
    executors: () => outlets.executors.figures,
    concurrencyMax: config.dispatchConcurrencyMax,
  })

  const state = () => core.state
  const submit = core.submit.bind(core)
  await Promise.race([inCluster(core, clock), failed(failure), aborted(signal)])
  const keep = (token: string) => writePrivate(folder.folder, folder.adminToken, `${token}\n`)
  const admin = await firstAdmin(core, { clock, random, state, submit, keep }, logger)
  const codes = new LoginCodes(clock, random)
  const ledger = new Ledger(core.store)
  const api = createApp({
    clock,
    random,
    state,
    submit,
    keepLease: core.keepLease.bind(core),
    consensus: core.consensus,
    ledger,
    feed,
    sealer,
    egress,
    codes,
    logger,
    exportState: async () => {
      await core.store.flush()
      return exportState(core.store, { tzdata: TZDATA })
    },
    explain: (job, at) =>
      explain(job, at, clock.now(), {
        openRun: (id) => core.state.runs.get(id),
        endedRun: (id) => ledger.run(id),
        coveringStretch: (uid, instant) => ledger.coveringStretch(uid, instant),
        pauseAbove: (one, dueTime) => pauseAbove(core.state, one, dueTime),
        executorsOf: (one) => executorsOf(core.state, one),
      }),
    cluster: part.port,
    queues: part.queues,
    metrics,
    sinks: outlets.sinks,
    executors: outlets.executors,
    output: part.output,
    status: () => {
      const { calls, log, nextDue } = core.figures
      const { leader, isLeader } = core.consensus.leadership()
      const name = (id: string) => state().members.get(id)?.name ?? id
      return {
        node: state().members.get(node)?.name ?? entered.name,
        role: isLeader ? 'leader' : leader === undefined ? 'none' : 'follower',
        ...(leader === undefined ? {} : { leader: name(leader) }),
        startedAt,
        ...calls,
        log,
        concurrencyMax: config.dispatchConcurrencyMax,
        ...(nextDue === undefined ? {} : { nextDue }),
      }
    },
    notReady: () => (core.consensus.leadership().leader === undefined ? 'there is no leader' : undefined),
    baseUrl,
    hosts: config.hosts,
    version: VERSION,
    sessionKey: deriveSessionKey(key),
    callbackKey,
    heartbeat: (attempt) => core.heartbeats.beat(attempt),
    limits: {
      bodyBytes: config.limits.bodyBytesMax,
      page: config.limits.pageDefault,
      streams: config.limits.streamsMax,
    },
  })
  front.serve(api)
  closing.push(markBegun(core, entered, failure))
  const url = config.publicUrl ?? front.url
  logger.info({ url, folder: folder.folder, jobs: core.state.jobs.size, index: core.state.index }, 'the node serves')
  return {
    url,
    ...(admin ? { loginLink: `${url}/login#code=${codes.issue(admin.id).code}` } : {}),
    ...(admin?.text === undefined ? {} : { adminToken: admin.text }),
    failed: failure.promise,
    stop: () => closeAll(closing),
  }
}

/**
 * A new member serves once there is a cluster that knows it, and so does one that is alone. One that has been in a
 * cluster serves reads without a leader too, if none is found soon.
 */
function inCluster(core: Core<LevelStore>, clock: Clock): Promise<void> {
  const { voters } = core.consensus.membership()
  const isAlone = voters.length === 1 && core.consensus.status().role !== 'learner'
  if (core.state.cluster === '' || isAlone) return core.introduced()
  const soon = new Promise<void>((resolve) => void clock.after(SOON_MS, resolve))
  return Promise.race([core.introduced(), soon])
}

/** Writes down that the log has been begun, once the cluster knows this node; gives how to stop doing so. */
function markBegun(core: Core<LevelStore>, entered: Entered, failure: Deferred<Error>): () => Promise<void> {
  let stopped = false
  let writing = Promise.resolve()
  void core.introduced().then(() => {
    if (stopped || !core.state.nodes.has(entered.member)) return
    writing = entered.begun(core.state.cluster)
    writing.catch(failure.resolve)
  })
  return async () => {
    stopped = true
    await writing
  }
}

/**
 * The administrator's token of the cluster. The leader makes it, so that there is one; whoever leads next does when it
 * could not.
 */
async function firstAdmin(core: Core<LevelStore>, deps: AdminTokenDeps, logger: Logger) {
  const { consensus } = core
  const isMade = () => [...core.state.tokens.values()].some(({ scope }) => scope === 'admin')
  const make = async () => {
    await core.introduced()
    return consensus.leadership().isLeader || isMade() ? ensureAdminToken(deps) : undefined
  }
  if (isMade()) return ensureAdminToken(deps)
  if (consensus.leadership().isLeader) return make()
  const stopListening = consensus.onLeadership(({ isLeader }) => {
    if (!isLeader) return
    stopListening()
    make().catch((error: unknown) => logger.warn({ error: String(error) }, "the administrator's token was not made"))
  })
  return undefined
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** Closes what was opened, the last first, except that the port goes before everything else. Throws what failed first. */
async function closeAll(closing: (() => Promise<void>)[]): Promise<void> {
  const [front, ...rest] = closing.splice(0)
  const failures: unknown[] = []
  for (const close of [front, ...rest.reverse()]) await close?.().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}
