import type { NodeReport } from '../cluster/node-report.ts'
import type { Figures } from './families.ts'
import type { MetricsDeps } from './metrics.ts'
import type { Routes } from './routes.ts'

/** What only the leader knows: what is to be placed, who works on it, and how far the others are. */
export function readLeader(figures: Figures, deps: MetricsDeps, { role, peers, lastIndex }: NodeReport): void {
  if (role !== 'leader') return
  const { members } = deps.state()
  const name = (id: string) => members.get(id)?.name ?? id
  for (const { member, match } of peers)
    figures.set('cronclave_raft_peer_lag_entries', Math.max(0, lastIndex - match), name(member))
  const queues = deps.queues()
  if (!queues) return
  const now = deps.clock.now()
  for (const { kind, state, count, oldestAt } of queues.evaluations) {
    figures.set('cronclave_evaluations', count, kind, state)
    const ageMs = oldestAt === undefined ? 0 : Math.max(0, now - oldestAt)
    figures.set('cronclave_evaluation_oldest_seconds', ageMs / 1000, kind, state)
  }
  for (const { node, taken, nacked, lapsed, placed, refused } of queues.nodes) {
    for (const [result, count] of Object.entries({ taken, nacked, lapsed, placed, refused }))
      figures.set('cronclave_worker_evaluations_total', count, name(node), result)
  }
}

/** How consensus, log and calls of this node are getting on. */
export function readNode(figures: Figures, deps: MetricsDeps, report: NodeReport): void {
  const { inFlight, waiting, concurrencyMax } = deps.calls()
  figures.set('cronclave_calls', inFlight, 'in-flight')
  figures.set('cronclave_calls', waiting, 'waiting')
  figures.set('cronclave_calls_limit', concurrencyMax)
  figures.set('cronclave_heartbeats_total', deps.heartbeats())
  const executors = deps.executors()
  figures.set('cronclave_executor_heartbeats_total', executors.heartbeats)
  figures.set('cronclave_executor_polls', executors.polls)
  figures.set('cronclave_raft_term', report.term)
  figures.set('cronclave_raft_leader', report.role === 'leader' ? 1 : 0)
  figures.set('cronclave_raft_has_leader', report.leader === undefined ? 0 : 1)
  figures.set('cronclave_raft_leader_changes_total', report.leaderChanges)
  figures.set('cronclave_raft_elections_total', report.elections)
  figures.set('cronclave_raft_commit_index', report.commit)
  figures.set('cronclave_raft_applied_index', report.applied)
  figures.set('cronclave_raft_apply_lag_entries', Math.max(0, report.commit - report.applied))
  const { entries, syncs, bytes, syncDurations, commitDurations } = deps.log()
  figures.buckets('cronclave_commit_duration_seconds', commitDurations)
  figures.buckets('cronclave_log_sync_duration_seconds', syncDurations)
  figures.set('cronclave_log_syncs_total', syncs)
  figures.set('cronclave_log_entries_total', entries)
  figures.set('cronclave_log_written_bytes_total', bytes)
  figures.set('cronclave_log_bytes', report.logBytes)
  figures.set('cronclave_state_bytes', report.databaseBytes)
  for (const [peer, ms] of deps.clockOffsets()) figures.set('cronclave_clock_offset_seconds', ms / 1000, peer)
  const raised = new Set(report.alarms?.map(({ code }) => code))
  for (const [code, count] of Object.entries(report.alarmsRaised ?? {})) {
    figures.set('cronclave_alarms_raised_total', count, code)
    figures.set('cronclave_alarms', [...raised].some((one) => one === code) ? 1 : 0, code)
  }
  figures.buckets('cronclave_event_loop_delay_seconds', deps.loopLags)
}

/** Requests that were answered; operations that nobody has asked for are left out. */
export function readHttp(figures: Figures, routes: Routes, streams: number): void {
  for (const { method, route, statuses, durations } of routes.all) {
    if (statuses.size === 0) continue
    for (const [status, count] of statuses) figures.set('cronclave_http_requests_total', count, method, route, status)
    figures.buckets('cronclave_http_request_duration_seconds', durations, method, route)
  }
  figures.set('cronclave_event_streams', streams)
}

export function readProcess(figures: Figures, version: string, startedAt: number): void {
  const { rss, heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  figures.set('cronclave_start_time_seconds', startedAt / 1000)
  figures.set('cronclave_memory_bytes', rss, 'resident')
  figures.set('cronclave_memory_bytes', heapUsed, 'heap')
  figures.set('cronclave_memory_bytes', external, 'external')
  figures.set('cronclave_cpu_seconds_total', (user + system) / 1e6)
  figures.set('cronclave_build_info', 1, version, process.versions.node)
}
