import { networkInterfaces } from 'node:os'
import { createApp } from './api/app.ts'
import { Feed } from './api/feed.ts'
import { listen } from './api/front.ts'
import { ensureAdminToken, replaceAdminToken } from './auth/admin-token.ts'
import { LoginCodes } from './auth/login-codes.ts'
import { deriveSessionKey } from './auth/session.ts'
import type { RunningNode } from './cli/node-port.ts'
import { startEngine } from './cluster/engine.ts'
import type { Config } from './config.ts'
import { Core } from './core.ts'
import { createEgressPolicy } from './dispatch/egress.ts'
import type { Clock } from './runtime/clock.ts'
import type { Logger } from './runtime/logger.ts'
import type { Random } from './runtime/random.ts'
import { VERSION } from './runtime/version.ts'
import { explain } from './scheduler/explain.ts'
import { checkClusterKey } from './signing/check-key.ts'
import { createSealer } from './signing/seal.ts'
import type { Event } from './state/applied.ts'
import { clusterKey, dataFolder, memberId, writePrivate } from './store/data-folder.ts'
import { lockFolder } from './store/folder-lock.ts'
import { Ledger } from './store/ledger.ts'
import { exportState } from './store/state-export.ts'
import { openLevelStore } from './store/level.ts'
import { nodeFileSystem } from './wal/node-file-system.ts'

export interface NodeDeps {
  clock: Clock
  random: Random
  logger: Logger
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
  const front = await listen(config.listen)
  closing.push(() => front.close())
  const lock = await lockFolder(folder.folder)
  closing.push(() => lock.release())
  const key = await clusterKey(config, random)
  const store = await openLevelStore({ folder: folder.state, clock, onFatal: failure.resolve })
  closing.push(() => store.close())

  const egress = createEgressPolicy({ ...config.egress, ownListeners: [front.address], ownAddresses: ownAddresses() })
  const sealer = createSealer(key, random)
  const feed = new Feed(Buffer.from(random.bytes(6)).toString('hex'))
  const node = await memberId(folder.folder, random)
  const startedAt = clock.now()
  let onEvent: (event: Event) => void = () => undefined
  const core = await Core.start({
    clock,
    random,
    logger,
    config,
    fileSystem: nodeFileSystem,
    walFolder: folder.wal,
    walSegmentBytes: config.wal.segmentBytes,
    store,
    sealer,
    egress,
    node,
    check: (loaded) =>
      checkClusterKey(loaded, sealer, {
        folder: folder.folder,
        key: config.clusterKey ? 'clusterKey' : config.clusterKeyFile,
      }),
    onEvent: (event) => onEvent(event),
    onFatal: failure.resolve,
  })
  onEvent = (event) => feed.onEvent(core.state, event)
  closing.push(() => core.stop(config.stopTimeoutMs))

  const state = () => core.state
  const submit = core.submit.bind(core)
  const keep = (token: string) => writePrivate(folder.folder, folder.adminToken, `${token}\n`)
  const admin = await ensureAdminToken({ clock, random, state, submit, keep })
  const codes = new LoginCodes(clock, random)
  const ledger = new Ledger(store)
  const api = createApp({
    clock,
    random,
    state,
    submit,
    ledger,
    feed,
    sealer,
    egress,
    codes,
    logger,
    exportState: async () => {
      await store.flush()
      return exportState(store, { tzdata: process.versions.tz ?? '' })
    },
    explain: (job, at) =>
      explain(job, at, clock.now(), {
        openRun: (id) => core.state.runs.get(id),
        endedRun: (id) => ledger.run(id),
        coveringStretch: (uid, instant) => ledger.coveringStretch(uid, instant),
      }),
    status: () => {
      const { calls, log, nextDue } = core.figures
      return {
        node: config.nodeName,
        role: 'leader',
        leader: config.nodeName,
        startedAt,
        ...calls,
        log,
        concurrencyMax: config.dispatchConcurrencyMax,
        ...(nextDue === undefined ? {} : { nextDue }),
      }
    },
    notReady: () => undefined,
    hosts: config.hosts,
    version: VERSION,
    sessionKey: deriveSessionKey(key),
    limits: {
      bodyBytes: config.limits.bodyBytesMax,
      page: config.limits.pageDefault,
      streams: config.limits.streamsMax,
    },
  })
  front.serve(api)
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

/** For a stopped node: revokes the administrator's token, writes a new one into the data folder and returns it. */
export async function resetAdminToken(config: Config, deps: Pick<NodeDeps, 'clock' | 'random'>): Promise<string> {
  const failure = deferred<Error>()
  const lock = await lockFolder(dataFolder(config.dataFolder).folder)
  try {
    return await reset(config, deps, failure)
  } catch (error) {
    throw (await Promise.race([failure.promise, Promise.resolve(undefined)])) ?? error
  } finally {
    await lock.release()
  }
}

async function reset(
  config: Config,
  { clock, random }: Pick<NodeDeps, 'clock' | 'random'>,
  failure: Deferred<Error>,
): Promise<string> {
  const folder = dataFolder(config.dataFolder)
  const store = await openLevelStore({ folder: folder.state, clock, onFatal: failure.resolve })
  try {
    const node = await memberId(folder.folder, random)
    const engine = await startEngine({
      clock,
      random,
      fileSystem: nodeFileSystem,
      walFolder: folder.wal,
      walSegmentBytes: config.wal.segmentBytes,
      store,
      node,
      onEvent: () => undefined,
      onFatal: failure.resolve,
    })
    const token = await replaceAdminToken({
      clock,
      random,
      state: () => engine.state,
      submit: (command) => engine.consensus.propose(command),
      keep: (text) => writePrivate(folder.folder, folder.adminToken, `${text}\n`),
    })
    await engine.stop()
    return token
  } finally {
    await store.close()
  }
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address))
}

/** Closes what was opened, the last first, except that the port goes before everything else. Throws what failed first. */
async function closeAll(closing: (() => Promise<void>)[]): Promise<void> {
  const [front, ...rest] = closing.splice(0)
  const failures: unknown[] = []
  for (const close of [front, ...rest.reverse()]) await close?.().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

interface Deferred<T> {
  promise: Promise<T>
  resolve(value: T): void
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
