import { unreachable } from '../runtime/assert.ts'
import type { Entry } from '../cluster/consensus.ts'
import type { Applied } from './applied.ts'
import { digestAfter } from './digest.ts'
import { noteMessages, sumUp, testChannel } from './alert-messages.ts'
import { observeAlerts } from './alert-observed.ts'
import { forgetGoneTallies } from './alert-tallies.ts'
import { deleteAlertRule, putAlertRule } from './alert-rules.ts'
import { acceptAttempts, finishAttempts } from './attempts.ts'
import { cancelBackfill, resumeBackfills, startBackfill } from './backfills.ts'
import { deleteChannel, putChannel } from './channels.ts'
import { followUp } from './children.ts'
import { halfOpen } from './breaker.ts'
import { resetCluster } from './cluster-reset.ts'
import type { Command } from './commands.ts'
import { hourOf } from './counters.ts'
import { deleteExecutor, putExecutor } from './executors.ts'
import { repeatAlerts } from './episodes.ts'
import { pauseFailing } from './failing.ts'
import { decideFires } from './fires.ts'
import { removeGone } from './gone-executors.ts'
import { noteHealth } from './health.ts'
import { deleteJob, pauseJob, putJob, quarantineJob, resumeJob } from './jobs.ts'
import { deleteKey, putKey } from './kv.ts'
import { expireLeases, grantLease, keepLeases, revokeLease } from './kv-leases.ts'
import { claimLock, releaseLock } from './kv-locks.ts'
import { trimLedger } from './ledger-trim.ts'
import { deleteNamespace, initCluster, putNamespace, renameNamespace } from './namespaces.ts'
import { deleteMember, joinMember, putMember, raiseClusterVersion, updateMember } from './members.ts'
import { nodeDown, nodeUp } from './nodes.ts'
import { noteSent } from './notices.ts'
import { pauseNamespace, pauseScheduler } from './pauses.ts'
import { placeShards } from './placement.ts'
import { noteFound, orderExecutor, registerExecutor } from './registrations.ts'
import { reportAttempt } from './reports.ts'
import { cancelRun, expireRuns, requestRun } from './requests.ts'
import { rerun } from './reruns.ts'
import { deleteService, putService } from './services.ts'
import { activateSigningKey, deleteSigningKey, putSigningKey } from './signing-keys.ts'
import { deleteSink, noteProgress, pauseSink, putSink, resendRows } from './sinks.ts'
import { deleteSilence, putSilence } from './silences.ts'
import { noteManifest, reconcileManifest } from './manifests.ts'
import type { State } from './state.ts'
import { putToken, revokeToken } from './tokens.ts'
import type { Answer, Turn } from './turn.ts'

export type { Applied, Change, Event, Rejection } from './applied.ts'

/**
 * Applies one committed entry: the only writer of the state. Pure and total: the same state and entry give the same
 * result on every node; it never throws, blocks, or asks for time, chance, disk or a schedule. What it cannot accept
 * is a rejection that the proposer receives, and changes nothing.
 */
export function apply(state: State, entry: Entry): Applied {
  state.index = entry.index
  state.term = entry.term
  const hour = hourOf(state.now)
  state.now = Math.max(state.now, entry.command.at)
  // What was counted in an hour that is over is in the store: memory holds the present one only.
  if (hourOf(state.now) !== hour) state.counters.clear()
  const turn: Turn = {
    state,
    index: entry.index,
    at: state.now,
    changes: [],
    events: [],
    ended: [],
    failing: [],
    roomyQueues: [],
    rows: 0,
  }
  const answer = run(turn, entry.command)
  if (turn.ended.length > 0) followUp(turn)
  if (turn.failing.length > 0) pauseFailing(turn)
  if (turn.roomyQueues.length > 0) resumeBackfills(turn)
  state.ledgerRows += turn.rows
  state.digest = digestAfter(state, turn.changes)
  if (answer !== undefined && 'rejection' in answer)
    return { changes: turn.changes, events: turn.events, rejection: answer.rejection }
  return { changes: turn.changes, events: turn.events, ...(answer === undefined ? {} : { value: answer }) }
}

/** Moves a state past a committed entry that is no command, which every node does alike. */
export function pass(state: State, { index, term }: Pick<Entry, 'index' | 'term'>): void {
  state.index = index
  state.term = term
  state.digest = digestAfter(state, [])
}

function run(turn: Turn, command: Command): Answer {
  switch (command.kind) {
    case 'decide-fires':
      return decideFires(turn, command)
    case 'attempts-finished':
      return finishAttempts(turn, command)
    case 'kv-put':
      return putKey(turn, command)
    case 'kv-delete':
      return deleteKey(turn, command)
    case 'place-shards':
      return placeShards(turn, command)
    case 'attempts-accepted':
      return acceptAttempts(turn, command)
    case 'notices-sent':
      return noteSent(turn, command)
    case 'attempt-report':
      return reportAttempt(turn, command)
    case 'run-request':
      return requestRun(turn, command)
    case 'run-rerun':
      return rerun(turn, command)
    case 'backfill-start':
      return startBackfill(turn, command)
    case 'backfill-cancel':
      return cancelBackfill(turn, command)
    case 'run-cancel':
      return cancelRun(turn, command)
    case 'runs-expired':
      return expireRuns(turn, command)
    case 'job-put':
      return putJob(turn, command)
    case 'job-delete':
      return deleteJob(turn, command)
    case 'job-pause':
      return pauseJob(turn, command)
    case 'job-resume':
      return resumeJob(turn, command)
    case 'job-quarantine':
      return quarantineJob(turn, command)
    case 'namespace-put':
      return putNamespace(turn, command)
    case 'namespace-pause':
      return pauseNamespace(turn, command)
    case 'scheduler-pause':
      return pauseScheduler(turn, command)
    case 'namespace-delete':
      return deleteNamespace(turn, command)
    case 'service-put':
      return putService(turn, command)
    case 'signing-key-put':
      return putSigningKey(turn, command)
    case 'signing-key-activate':
      return activateSigningKey(turn, command)
    case 'signing-key-delete':
      return deleteSigningKey(turn, command)
    case 'service-delete':
      return deleteService(turn, command)
    case 'executor-put':
      return putExecutor(turn, command)
    case 'executor-register':
      return registerExecutor(turn, command)
    case 'executor-order':
      return orderExecutor(turn, command)
    case 'executors-found':
      return noteFound(turn, command)
    case 'manifest-reconcile':
      return reconcileManifest(turn, command)
    case 'manifest-note':
      return noteManifest(turn, command)
    case 'executor-delete':
      return deleteExecutor(turn, command)
    case 'breakers-half-open':
      return halfOpen(turn, command)
    case 'executor-health':
      return noteHealth(turn, command)
    case 'namespace-rename':
      return renameNamespace(turn, command)
    case 'sinks-progress':
      return noteProgress(turn, command)
    case 'sink-put':
      return putSink(turn, command)
    case 'sink-pause':
      return pauseSink(turn, command)
    case 'sink-resend':
      return resendRows(turn, command)
    case 'sink-delete':
      return deleteSink(turn, command)
    case 'ledger-trim':
      return trimLedger(turn, command)
    case 'executors-gone':
      return removeGone(turn, command)
    case 'token-put':
      return putToken(turn, command)
    case 'token-revoke':
      return revokeToken(turn, command)
    case 'lease-grant':
      return grantLease(turn, command)
    case 'leases-kept':
      return keepLeases(turn, command)
    case 'lease-revoke':
      return revokeLease(turn, command)
    case 'leases-expired':
      return expireLeases(turn, command)
    case 'lock-claim':
      return claimLock(turn, command)
    case 'lock-release':
      return releaseLock(turn, command)
    case 'channel-put':
      return putChannel(turn, command)
    case 'channel-delete':
      return deleteChannel(turn, command)
    case 'channel-test':
      return testChannel(turn, command)
    case 'alert-rule-put':
      return putAlertRule(turn, command)
    case 'alert-rule-delete':
      return deleteAlertRule(turn, command)
    case 'silence-put':
      return putSilence(turn, command)
    case 'silence-delete':
      return deleteSilence(turn, command)
    case 'alert-tallies-forget':
      return forgetGoneTallies(turn, command)
    case 'alerts-observed':
      return observeAlerts(turn, command)
    case 'alerts-repeated':
      return repeatAlerts(turn, command)
    case 'alert-messages-sent':
      return noteMessages(turn, command)
    case 'alert-summaries':
      return sumUp(turn, command)
    case 'cluster-init':
      return initCluster(turn, command)
    case 'node-up':
      return nodeUp(turn, command)
    case 'node-down':
      return nodeDown(turn, command)
    case 'member-put':
      return putMember(turn, command)
    case 'member-delete':
      return deleteMember(turn, command)
    case 'member-update':
      return updateMember(turn, command)
    case 'member-join':
      return joinMember(turn, command)
    case 'cluster-version':
      return raiseClusterVersion(turn, command)
    case 'cluster-reset':
      return resetCluster(turn, command)
    case 'hash-mark':
      turn.events.push({ type: 'hash-mark', index: turn.index })
      return {}
    default:
      return unreachable(command)
  }
}
