import { replaceAdminToken } from './auth/admin-token.ts'
import type { Consensus } from './cluster/consensus.ts'
import { startEngine } from './cluster/engine.ts'
import { noNetwork } from './cluster/no-network.ts'
import { statesIn } from './cluster/states.ts'
import { timingOf } from './cluster/ticker.ts'
import type { Config } from './config.ts'
import type { Clock } from './runtime/clock.ts'
import { type Deferred, deferred, failed } from './runtime/deferred.ts'
import type { Logger } from './runtime/logger.ts'
import type { Random } from './runtime/random.ts'
import { StorageError } from './runtime/storage-error.ts'
import { dataFolder, memberId, writePrivate } from './store/data-folder.ts'
import { lockFolder } from './store/folder-lock.ts'
import { nodeFileSystem } from './wal/node-file-system.ts'

export interface ResetDeps {
  clock: Clock
  random: Random
  logger: Logger
}

/** For a stopped node: revokes the administrator's token, writes a new one into the data folder and returns it. */
export async function resetAdminToken(config: Config, deps: ResetDeps): Promise<string> {
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

async function reset(config: Config, { clock, random, logger }: ResetDeps, failure: Deferred<Error>): Promise<string> {
  const folder = dataFolder(config.dataFolder)
  const node = await memberId(folder.folder, random)
  const engine = await startEngine({
    clock,
    random,
    logger,
    fileSystem: nodeFileSystem,
    walFolder: folder.wal,
    walSegmentBytes: config.wal.segmentBytes,
    states: statesIn(folder.folder, { clock, tzdata: process.versions.tz ?? '', onFatal: failure.resolve }),
    node,
    begin: {
      cluster: Buffer.from(random.bytes(8)).toString('hex'),
      members: [{ id: node, name: config.nodeName, address: '' }],
    },
    timing: timingOf(config.timing.heartbeatMs, config.timing.electionMs),
    connect: () => noNetwork,
    onRequest: () => Promise.reject(new Error('the node is not running')),
    onEvent: () => undefined,
    onReplaced: () => undefined,
    onFatal: failure.resolve,
  })
  try {
    await Promise.race([inOffice(engine.consensus, config), failed(failure)])
    return await replaceAdminToken({
      clock,
      random,
      state: () => engine.state,
      submit: (command) => engine.consensus.propose(command),
      keep: (text) => writePrivate(folder.folder, folder.adminToken, `${text}\n`),
    })
  } finally {
    await engine.stop()
  }
}

/** Resolves when the only voter leads. */
function inOffice(consensus: Consensus, { dataFolder: folder }: Config): Promise<void> {
  if (consensus.membership().voters.length > 1) {
    throw new StorageError(`The member in ${folder} is one of several: it can change nothing by itself.`, {
      folder,
      nextStep: 'Start the cluster and make a token with another administrator token: `cronclave token create`.',
    })
  }
  return new Promise((resolve) => {
    if (consensus.leadership().isLeader) resolve()
    consensus.onLeadership(({ isLeader }) => isLeader && resolve())
  })
}
