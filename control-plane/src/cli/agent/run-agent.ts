import { join } from 'node:path'
import { createExecutor, type Executor, isCronclaveError, type Logger, type Started } from '@cronclave/sdk'
import { jwt } from '@cronclave/sdk/jwt'
import type { Clock } from '../../runtime/clock.ts'
import { makeFolderDurably } from '../../runtime/durable-folder.ts'
import { lockFolder } from '../../store/folder-lock.ts'
import { StorageFailed } from '../../store/storage-errors.ts'
import { nodeFileSystem } from '../../wal/node-file-system.ts'
import { CommandFault, EXIT } from '../exit.ts'
import { breakable } from './breakable.ts'
import { watchedConnection } from './connection.ts'
import { DiskOutbox } from './disk-outbox.ts'
import type { LoadedPlugin } from './load-plugins.ts'
import { handlerOf } from './plugin-handler.ts'
import { beginStatus } from './status.ts'

/** What an agent is, with everything read and checked. */
export interface AgentSettings {
  namespace: string
  service: string
  /** Absent: another one after every start. */
  id: string | undefined
  slots: number
  weight: number | undefined
  labels: Record<string, string> | undefined
  revision: string | undefined
  /** Of scope `service:<namespace>/<service>`. */
  token: string
  /** How calls are verified: by the secret of the service, or by tokens of this issuer. */
  signing: { secret: string } | { issuer: string }
  /** Nodes of the control plane. */
  endpoints: readonly string[]
  dataFolder: string
  plugins: readonly LoadedPlugin[]
  drainMs: number
  statusMs: number
}

/** The world of an agent. */
export interface AgentPort {
  clock: Clock
  fetch: typeof fetch
  log: Logger
  /** Begins the leaving. */
  signal: AbortSignal
  /** For people, beside the log. */
  say(line: string): void
}

/** Takes work until the signal, then drains: nothing new, what is under way ends or is aborted, results are reported. */
export async function runAgent(settings: AgentSettings, port: AgentPort): Promise<void> {
  const { dataFolder, slots, plugins } = settings
  const { log, signal, say } = port
  const lock = await lockFolder(dataFolder)
  try {
    const outbox = await openOutbox(join(dataFolder, 'results'), log)
    if (outbox.count > 0) log.info({ results: outbox.count }, 'results of an earlier process are reported again')
    const connection = watchedConnection(port.fetch, log)
    const announcing = breakable(connection.fetch, signal)
    const executor = executorOf(settings, { ...port, fetch: announcing.fetch })
    const started = await listen(executor, settings, outbox)
    // What it does from here on ends in order, by more requests.
    announcing.over()
    say(`Agent      ${started.id} of ${settings.namespace}/${settings.service}, ${slots} slots`)
    say(`Plugins    ${plugins.map(({ plugin }) => plugin.name).join(', ')}`)
    say(`Data       ${dataFolder}`)
    const health = () => ({ connected: connection.to ?? 'none', slots, running: executor.inFlight, kept: outbox.count })
    const stopStatus = beginStatus(health, settings.statusMs, port)
    await aborted(signal)
    stopStatus()
    say(`Draining: ${executor.inFlight} at work. Ctrl-C again stops at once.`)
    await started.stop({ drain: settings.drainMs })
    log.info({ kept: outbox.count }, 'left')
  } finally {
    await lock.release()
  }
}

async function openOutbox(folder: string, log: Logger): Promise<DiskOutbox> {
  try {
    await makeFolderDurably(folder, 0o700)
    return await DiskOutbox.open({ folder, files: nodeFileSystem, log })
  } catch (cause) {
    throw new StorageFailed(folder, 'opening the results', cause)
  }
}

function executorOf(settings: AgentSettings, { clock, fetch, log }: AgentPort): Executor {
  const { service, namespace, id, slots, endpoints, signing, plugins } = settings
  const options = { service, namespace, id, concurrency: slots, controlPlane: endpoints, logger: log, clock, fetch }
  const executor = usable(() => {
    const verified = 'secret' in signing ? { secret: signing.secret } : { auth: jwt({ issuer: signing.issuer }) }
    return createExecutor({ ...options, ...verified })
  })
  for (const { plugin, schema } of plugins) {
    const { name, description } = plugin
    const about = { params: schema, ...(description !== undefined && { description }) }
    executor.job(name, about, handlerOf(plugin, clock))
  }
  return executor
}

async function listen(executor: Executor, settings: AgentSettings, outbox: DiskOutbox): Promise<Started> {
  const { token, slots, weight, labels, revision } = settings
  try {
    return await executor.listen({ token, slots, weight, labels, revision, outbox })
  } catch (error) {
    throw faultOf(error, EXIT.refused)
  }
}

function usable<Value>(make: () => Value): Value {
  try {
    return make()
  } catch (error) {
    throw faultOf(error, EXIT.usage)
  }
}

function faultOf(error: unknown, exitCode: number): unknown {
  return isCronclaveError(error, 'config') ? new CommandFault(exitCode, sentence(error.message)) : error
}

function sentence(text: string): string {
  return `${(text[0] ?? '').toUpperCase()}${text.slice(1)}.`
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
