import type { Executor, ExecutorManifest } from '../discovery/executor.ts'
import { present } from '../runtime/present.ts'
import { finishAttempt } from './attempts.ts'
import type { CommandOf } from './commands.ts'
import type { ExecutorFinding, ExecutorRegistration } from './executor-commands.ts'
import { executorChanged } from './executor-changes.ts'
import { bootFault, findExecutor, heldOn } from './executors.ts'
import { type Answer, refuse, type Turn } from './turn.ts'
import { versionFault } from './versions.ts'

/** Executors that one entry says something of at most. */
export const FOUND_MAX = 1000

/**
 * An executor announces itself. Its id belongs to its process until that drains, goes or does not answer; a process that
 * is new there has to prove that it holds the secret.
 */
export function registerExecutor(turn: Turn, command: ExecutorRegistration): Answer {
  const { state } = turn
  const service = state.services.get(command.service)
  if (!service) return refuse('service-not-found', 'the service has gone')
  const executors = state.executors.get(service.uid) ?? new Map<string, Executor>()
  const old = executors.get(command.id)
  const fault = versionFault(old, command.ifVersion, `executor ${command.id}`)
  if (fault) return fault
  if (old && isTaken(old, command.boot)) return refuse('executor-live', takenText(old))
  if (old && isSame(old, command)) return { version: old.version }
  const stays = old && keepsPlace(old, command) ? old : undefined
  const { id, url, weight, slots, labels, manifest, boot } = command
  const executor: Executor = {
    id,
    service: service.uid,
    namespace: service.namespace,
    kind: 'registered',
    bootId: boot,
    manifest,
    url,
    weight,
    slots,
    labels,
    status: stays?.status ?? 'joining',
    version: (old?.version ?? 0) + 1,
    createdAt: old?.createdAt ?? turn.at,
    updatedAt: turn.at,
    failures: stays?.failures ?? 0,
    ...present({
      failedFrom: stays?.failedFrom,
      breaker: stays?.breaker,
      health: stays?.health,
      lastToken: old?.lastToken,
    }),
    held: old?.held ?? heldOn(state, service.uid, id),
  }
  executors.set(id, executor)
  state.executors.set(service.uid, executors)
  if (old?.bootId !== undefined && old.bootId !== boot && isLost(old)) endAttemptsOf(turn, old, old.bootId)
  executorChanged(turn, executor)
  return { version: executor.version }
}

/** What somebody wants of an executor. One that registered itself and is to take work again has to prove itself first. */
export function orderExecutor(turn: Turn, command: CommandOf<'executor-order'>): Answer {
  const old = findExecutor(turn.state, command)
  if (!old) return refuse('executor-not-found', `there is no executor ${command.id}`)
  const fault = versionFault(old, command.ifVersion, `executor ${command.id}`) ?? bootFault(old, command.boot)
  if (fault) return fault
  const isJoining = old.kind === 'registered' && command.order === 'online' && old.status !== 'online'
  const status = isJoining ? 'joining' : command.order
  if (old.status === status && !old.expired) return { version: old.version }
  return { version: change(turn, old, { status }).version }
}

/** What the leader heard, or did not hear, of executors that registered themselves. */
export function noteFound(turn: Turn, command: CommandOf<'executors-found'>): Answer {
  for (const finding of command.executors) {
    const executor = findExecutor(turn.state, finding)
    if (!executor || executor.bootId !== finding.boot || !mayBecome(executor, finding.status)) continue
    if (finding.status === 'offline') change(turn, executor, { status: 'offline', ...wentAway(executor) })
    else if (finding.status === 'online') {
      // Somebody is at the other end.
      const { failedFrom: _failedFrom, breaker: _breaker, ...rest } = executor
      change(turn, rest, { status: 'online', failures: 0 })
    } else change(turn, executor, { status: finding.status })
  }
  return {}
}

/** One that was drained and has nothing left to do was to go: nobody has to be told. */
function wentAway({ status, held }: Executor): Pick<Executor, 'expired'> {
  return status === 'draining' && held === 0 ? {} : { expired: true }
}

function mayBecome({ kind, status }: Executor, to: ExecutorFinding['status']): boolean {
  if (kind !== 'registered') return false
  switch (to) {
    case 'online':
      return status === 'joining' || status === 'suspect'
    case 'suspect':
      return status === 'online'
    case 'draining':
      return status === 'online' || status === 'joining' || status === 'suspect'
    case 'offline':
      return status !== 'offline'
  }
}

function change(turn: Turn, old: Executor, to: Pick<Executor, 'status'> & Partial<Executor>): Executor {
  const { expired: _expired, ...rest } = old
  const changed: Executor = { ...rest, ...to, version: old.version + 1, updatedAt: turn.at }
  turn.state.executors.get(old.service)?.set(old.id, changed)
  executorChanged(turn, changed)
  return changed
}

function isTaken({ kind, status, bootId }: Executor, boot: string): boolean {
  return kind === 'static' || (bootId !== boot && status === 'online')
}

function takenText({ id, kind }: Executor): string {
  if (kind === 'static') return `executor ${id} was listed by hand: remove it, or take another id`
  return `executor ${id} is online as another process; its id is free once that drains, leaves, or is not heard of any more`
}

/** Whether the process is the same and may go on as it stands; what somebody ordered holds wherever it moves. */
function keepsPlace(old: Executor, { boot, url }: ExecutorRegistration): boolean {
  if (old.bootId !== boot || old.expired) return false
  return old.url === url || old.status === 'offline' || old.status === 'draining'
}

function isSame(old: Executor, { boot, url, weight, slots, labels, manifest }: ExecutorRegistration): boolean {
  if (old.bootId !== boot || old.expired || old.url !== url) return false
  if (old.weight !== weight || old.slots !== slots) return false
  return sameLabels(old.labels, labels) && sameManifest(old.manifest ?? {}, manifest)
}

function sameLabels(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}

function sameManifest(one: ExecutorManifest, other: ExecutorManifest): boolean {
  if (one.hash !== other.hash || one.revision !== other.revision) return false
  const [these = [], those = []] = [one.handlers, other.handlers]
  return these.length === those.length && these.every((name, place) => name === those[place])
}

/** Whether its process is not there any more, as far as anybody can tell. */
function isLost({ status, expired }: Executor): boolean {
  return status === 'suspect' || expired === true
}

/** Nobody will say how the attempts of a process that has gone ended. */
function endAttemptsOf(turn: Turn, { id, service, held }: Executor, boot: string): void {
  if (held === 0) return
  for (const run of [...turn.state.runs.values()]) {
    for (const { attempt, placedOn, placedIn } of run.shards) {
      if (attempt?.bootId !== boot || placedOn !== id || placedIn !== service) continue
      const message = `Executor ${id} was started anew: whether it did the work is not known.`
      const error = { code: 'executor-restarted', message }
      const ended = { outcome: 'uncertain', endedAt: turn.at, retryable: true, chance: 0, error } as const
      finishAttempt(turn, { attempt: attempt.id, job: run.job, ...ended })
    }
  }
}
