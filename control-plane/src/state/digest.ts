import type { JobProgress } from '../jobs/job.ts'
import type { Sink } from '../logs/sink.ts'
import type { Backfill } from '../runs/backfill.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import { alertFields } from './alert-digest.ts'
import type { Change } from './applied.ts'
import type { KvEntry } from './kv-types.ts'
import { jobKeeping, manifestFields } from './manifest-digest.ts'
import type { Pause } from './pauses.ts'
import type { State } from './state.ts'

/**
 * The digest of a state after one more applied entry: 53 bits that go on from the digest before and take in what the
 * entry changed, as it stands now. Two members whose digests differ at one index hold different states, and have since
 * some entry before it. Not a defence against anybody: it finds mistakes.
 */
export function digestAfter(state: State, changes: readonly Change[]): number {
  high = Math.floor(state.digest / 0x20_0000) | 0
  low = (state.digest % 0x20_0000) | 0
  number(state.index)
  number(state.term)
  number(state.now)
  number(state.fencingToken)
  number(state.ledgerRows)
  number(state.ledgerGone)
  for (const change of changes) mixChange(state, change)
  return (high >>> 0) * 0x20_0000 + ((low ^ (low >>> 21)) & 0x1f_ffff)
}

/** The two halves under way. Set and read within one call of `digestAfter`, which is synchronous. */
let high = 0
let low = 0

function mixChange(state: State, change: Change): void {
  text(change.kind)
  switch (change.kind) {
    case 'progress':
      number(change.id as number)
      return progress(state.jobs.get(change.id as number)?.progress)
    case 'run':
      text(change.id as string)
      return run(state.runs.get(change.id as string))
    case 'shard':
      text(change.run)
      return shard(state.runs.get(change.run)?.shards[change.shard])
    case 'ended-run': {
      const { row } = change
      if (row.trace !== undefined) text(row.trace.parent)
      text(row.id)
      text(row.state)
      number(row.entry)
      number(row.fireTime)
      number(row.endedAt)
      number(row.attempts)
      for (const { outcome, executor } of row.shardEnds ?? []) {
        text(outcome)
        text(executor)
      }
      return sequence(row.sequence)
    }
    case 'ended-attempt': {
      const { row } = change
      text(row.id)
      text(row.outcome)
      text(row.next)
      number(row.fencingToken)
      number(row.endedAt)
      return sequence(row.sequence)
    }
    case 'stretch': {
      const { row } = change
      text(row.id)
      text(row.reason)
      number(row.to)
      number(row.count)
      number(row.entries[1])
      return sequence(row.sequence)
    }
    case 'late-result':
      text(change.row.attempt)
      text(change.row.outcome)
      return sequence(change.row.sequence)
    case 'definition':
      number(change.row.job)
      return number(change.row.ordinal)
    case 'definition-gone':
      number(change.gone.job)
      return number(change.gone.ordinal)
    case 'run-gone':
      text(change.gone.id)
      return sequence(change.gone.sequence)
    case 'stretch-gone':
      number(change.gone.job)
      return sequence(change.gone.sequence)
    case 'late-result-gone':
      text(change.gone.run)
      return sequence(change.gone.sequence)
    case 'day':
      number(change.row.day)
      number(change.row.first)
      for (const byte of change.row.pack) mix(byte)
      return
    case 'day-gone':
      number(change.gone.day)
      return number(change.gone.first)
    case 'outbox-gone':
      return number(change.gone.index)
    case 'counters-gone':
      number(change.gone.hour)
      return number(change.gone.owner)
    case 'counters':
      return number(change.job)
    case 'kv':
      number(change.namespace)
      text(change.key)
      return kvEntry(state.kv.get(change.namespace)?.entries.get(change.key))
    default:
      return definition(state, change)
  }
}

/** What changes seldom: its id, and a version or what stands for one. */
function definition(
  state: State,
  change: Exclude<Change, { row: unknown } | { gone: unknown } | { kind: 'counters' | 'kv' | 'shard' }>,
): void {
  if (typeof change.id === 'number') number(change.id)
  else text(change.id)
  switch (change.kind) {
    case 'job': {
      const job = state.jobs.get(change.id as number)
      number(job?.version)
      text(job?.pausedWhy)
      number(job?.definitions)
      text(jobKeeping(job))
      number(job?.stateEntry)
      number(job?.sinceEntry)
      return text(job?.state)
    }
    case 'namespace':
      pause(state.namespaces.get(change.id as number)?.pause)
      number(state.namespaces.get(change.id as number)?.goneUpTo)
      return number(state.namespaces.get(change.id as number)?.version)
    case 'service':
      return number(state.services.get(change.id as number)?.version)
    case 'manifest':
      return alerting(manifestFields(state.manifests.get(change.id as number)))
    case 'sink':
      number(change.id as number)
      return sink(state.sinks.get(change.id as number))
    case 'executor': {
      const executor = state.executors.get(change.service)?.get(change.id)
      number(change.service)
      number(executor?.version)
      number(executor?.failures)
      number(executor?.lastToken)
      number(executor?.expired ? 1 : 0)
      text(executor?.bootId)
      text(executor?.manifest?.hash)
      text(executor?.manifest?.revision)
      number(executor?.manifest?.handlers?.length)
      for (const handler of executor?.manifest?.handlers ?? []) text(handler)
      text(executor?.breaker?.state)
      text(executor?.health)
      return text(executor?.status)
    }
    case 'node':
      number(state.nodes.get(change.id as string)?.down ? 1 : 0)
      return number(state.nodes.get(change.id as string)?.incarnation)
    case 'member': {
      const member = state.members.get(change.id as string)
      text(member?.name)
      text(member?.address)
      return number(member?.joinedAt)
    }
    case 'notice': {
      const notice = state.notices.get(change.id as number)
      number(notice?.attempts)
      number(notice?.nextAt)
      number(notice?.count)
      text(notice?.reason)
      return text(notice?.state)
    }
    case 'backfill':
      return backfill(state.backfills.get(change.id as string))
    case 'former-job':
      text(state.formerJobs.get(change.id as number)?.name)
      return text(state.formerJobs.get(change.id as number)?.namespaceName)
    case 'token':
      text(state.tokens.get(change.id as string)?.scope)
      return text(state.tokens.get(change.id as string)?.hash)
    case 'signing-key': {
      const pair = state.signingKeys.get(change.id as string)
      text(pair?.state)
      text(pair?.sealed)
      text(pair?.issuer)
      number(pair?.activatedAt)
      return number(pair?.retiredAt)
    }
    case 'lease':
      number(state.leases.get(change.id as string)?.ttlMs)
      return number(state.leases.get(change.id as string)?.keptIndex)
    case 'lock': {
      const lock = state.locks.get(change.id as string)
      text(lock?.holder.lease)
      number(lock?.holder.fencingToken)
      return number(lock?.queue.length)
    }
    case 'alert-rule':
    case 'channel':
    case 'silence':
    case 'episode':
    case 'alert-message':
    case 'alert-tally':
      return alerting(alertFields(state, change.kind, change.id))
    case 'idempotency':
      return text(state.idempotency.get(change.id as string)?.run)
    default:
      number(state.countedTo)
      pause(state.pause)
      return text(state.cluster)
  }
}

function alerting(fields: readonly (string | number | undefined)[]): void {
  for (const field of fields) {
    if (typeof field === 'string') text(field)
    else number(field)
  }
}

/** The value by its length alone: a hash of everything at a mark reads every byte, this would be read with every put. */
function kvEntry(of: KvEntry | undefined): void {
  if (!of) return number(undefined)
  number(of.createIndex)
  number(of.modIndex)
  number(of.version)
  text(of.lease)
  number(of.value.length)
}

function progress(of: JobProgress | undefined): void {
  if (!of) return number(undefined)
  number(of.decidedUpTo)
  number(of.fireCount)
  number(of.startedRuns)
  number(of.failuresInARow)
  number(of.reruns)
  number(of.nextFire?.fireTime)
  number(of.lastEnd)
  number(of.stretch?.count)
  number(of.stretch?.entries[1])
  number(of.ledger?.runs)
  number(of.ledger?.failed)
  number(of.ledger?.stretches)
  number(of.ledger?.trimmed)
  number(of.ledger?.goneUpTo)
}

function sink(of: Sink | undefined): void {
  if (!of) return number(undefined)
  number(of.version)
  number(of.fromFile ? 1 : 0)
  number(of.paused ? 1 : 0)
  sequence(of.cursor)
  number(of.position)
  number(of.since)
  number(of.rows)
  if (of.resend) {
    sequence(of.resend.to)
    number(of.resend.toPosition)
    sequence(of.resend.back.cursor)
    number(of.resend.back.position)
  }
  if (of.reached) sequence(of.reached)
  number(of.trouble?.since)
  text(of.trouble?.error)
  if (of.lastTrouble) {
    number(of.lastTrouble.since)
    number(of.lastTrouble.until)
    text(of.lastTrouble.error)
  }
  for (const { from, to, count } of of.gaps) {
    sequence(from)
    sequence(to)
    number(count)
  }
}

function run(of: OpenRun | undefined): void {
  if (!of) return number(undefined)
  text(of.state)
  number(of.sequence)
  number(of.ordinal)
  if (of.trace !== undefined) text(of.trace.parent)
  number(of.shards.length)
  for (const part of of.shards) {
    for (const item of part.items ?? []) text(item)
    number(part.was?.index)
    number(part.was?.total)
    shard(part)
  }
}

/** Its items aside, which never change. */
function shard(of: Shard | undefined): void {
  if (!of) return number(undefined)
  text(of.state)
  text(of.bound)
  text(of.placedOn)
  number(of.attempts)
  number(of.retries)
  number(of.refusals)
  number(of.retryAt)
  number(of.redispatches)
  number(of.supersedes.length)
  number(of.tried.length)
  number(of.spent?.length)
  text(of.retried && JSON.stringify(of.retried))
  text(of.last?.outcome)
  text(of.ended?.outcome)
  const { attempt } = of
  if (!attempt) return
  text(attempt.id)
  text(attempt.executor)
  number(attempt.fencingToken)
  number(attempt.deadline)
  number(attempt.acceptedAt)
  number(attempt.leaseUntil)
  number(attempt.progress?.done)
  text(attempt.progress?.note)
  number(attempt.logs?.length)
  number(attempt.output?.lines)
  number(attempt.outputBytes)
}

function backfill(of: Backfill | undefined): void {
  if (!of) return number(undefined)
  text(of.state)
  number(of.waiting.length)
  number(of.open.length)
  for (const count of Object.values(of.ended)) number(count)
}

function pause(of: Pause | undefined): void {
  if (!of) return number(undefined)
  text(of.by)
  number(of.entry)
  number(of.from)
  number(of.to)
  number(of.earlier?.length)
  number(of.earlier?.at(-1)?.to)
}

function sequence([index, ordinal]: readonly [number, number]): void {
  number(index)
  number(ordinal)
}

function number(value: number | undefined): void {
  // Times and counters are whole numbers: their low 32 bits and the rest.
  const whole = value ?? -1
  const word = whole | 0
  mix(word)
  mix(word === whole ? word >> 31 : Math.floor(whole / 0x1_0000_0000) | 0)
}

function text(value: string | undefined): void {
  if (value === undefined) return mix(-2)
  let hash = value.length
  for (let at = 0; at < value.length; at++) hash = Math.imul(hash ^ value.charCodeAt(at), 0x0100_0193)
  mix(hash)
}

/**
 * One multiplication per half, as MurmurHash3 mixes; the halves meet so that neither can be undone by itself. Both stay
 * small integers, which V8 keeps without allocating.
 */
function mix(word: number): void {
  high = Math.imul(high ^ word, 0xcc9e2d51)
  high = (((high << 15) | (high >>> 17)) + low) | 0
  low = (Math.imul(low ^ word ^ (low >>> 13), 0x85ebca6b) + (high >>> 16)) | 0
}
