/** What a metric is: how it is shown, and how figures of several nodes go together. */
export interface MetricSpec {
  type: 'counter' | 'gauge' | 'histogram'
  /**
   * `node`: about the node that is asked; nodes add up. `cluster`: from the state that every node has; the greatest counts.
   * `leader`: only the leader has it.
   */
  of: 'node' | 'cluster' | 'leader'
  labels: readonly string[]
  help: string
}

const NS = ['namespace'] as const

/** Every metric that a node has, by its name; docs/metrics.md lists the same. */
export const CATALOG = {
  cronclave_fires_due_total: counter('cluster', NS, 'Fires that fell due and were decided'),
  cronclave_fires_missed_total: counter('cluster', NS, 'Fires that nobody was there to find in time'),
  cronclave_fires_skipped_total: counter('cluster', [...NS, 'reason'], 'Fires that did not start, by reason'),
  cronclave_fire_lateness_seconds: histogram('cluster', NS, 'From due to start, of fires that were found in time'),
  cronclave_runs_started_total: counter('cluster', [...NS, 'cause'], 'Runs that started, by what made them'),
  cronclave_runs_ended_total: counter('cluster', [...NS, 'state'], 'Runs that ended, by how'),
  cronclave_runs: gauge('cluster', [...NS, 'state'], 'Runs that are open: queued or running'),
  cronclave_run_duration_seconds: histogram('cluster', NS, 'From first start to end, of runs'),
  cronclave_attempts_total: counter('cluster', [...NS, 'outcome'], 'Attempts that ended, by outcome'),
  cronclave_attempt_duration_seconds: histogram('cluster', NS, 'From start to end, of attempts'),
  cronclave_jobs: gauge('cluster', [...NS, 'state'], 'Jobs, by state'),
  cronclave_slots: gauge('cluster', NS, 'Slots that a namespace has'),
  cronclave_slots_used: gauge('cluster', NS, 'Slots of a namespace that are in use'),
  cronclave_queue_limit: gauge('cluster', NS, 'Runs that may wait in a namespace'),
  cronclave_executors: gauge(
    'cluster',
    [...NS, 'state'],
    'Executors: online, offline, draining, joining, suspect, unreachable, unhealthy',
  ),
  cronclave_executor_slots: gauge('cluster', NS, 'Slots of the executors that have a limit'),
  cronclave_executor_slots_used: gauge('cluster', NS, 'Shards placed on executors'),
  cronclave_backfills: gauge('cluster', NS, 'Backfills under way'),
  cronclave_notices_waiting: gauge('cluster', [], 'Services still to be told of runs that did not start'),
  cronclave_sink_lag_rows: gauge('cluster', ['sink'], 'Rows of the ledger that a sink does not have yet'),
  cronclave_sink_lag_seconds: gauge('leader', ['sink'], 'Age of the oldest row that a sink does not have yet'),
  cronclave_sink_rows_total: counter('cluster', ['sink'], 'Rows delivered to a sink'),
  cronclave_sink_gap_rows_total: counter('cluster', ['sink'], 'Rows that a sink will never get'),
  cronclave_sink_failing: gauge('cluster', ['sink'], '1 while nothing can be delivered to a sink'),
  cronclave_sink_paused: gauge('cluster', ['sink'], '1 while a sink is paused'),
  cronclave_alerts: gauge('cluster', [...NS, 'state'], 'Alerts that are not over: firing, or silenced'),
  cronclave_alert_messages: gauge('cluster', ['state'], 'Messages of alerts that are kept: open, delivered or failed'),
  cronclave_channels: gauge('cluster', ['state'], 'Channels: well, or failing'),
  cronclave_evaluations: gauge('leader', ['kind', 'state'], 'What is to be placed, by where it is in the broker'),
  cronclave_evaluation_oldest_seconds: gauge('leader', ['kind', 'state'], 'How long the first of them has been there'),
  cronclave_worker_evaluations_total: counter(
    'leader',
    ['node', 'result'],
    'Work handed to a node since this one leads',
  ),
  cronclave_calls: gauge('node', ['state'], 'Calls to executors: in-flight or waiting'),
  cronclave_calls_limit: gauge('node', [], 'Calls that may be under way at once'),
  cronclave_heartbeats_total: counter('node', [], 'Signs of life of accepted attempts that came to this node'),
  cronclave_executor_heartbeats_total: counter(
    'node',
    [],
    'Heartbeats of registered executors that came to this node, polls among them',
  ),
  cronclave_executor_polls: gauge('node', [], 'Polls of executors that came to this node and wait for calls'),
  cronclave_http_requests_total: counter('node', ['method', 'route', 'status'], 'Requests answered, by operation'),
  cronclave_http_request_duration_seconds: histogram(
    'node',
    ['method', 'route'],
    'From request to answer, by operation',
  ),
  cronclave_event_streams: gauge('node', [], 'Event streams that are open'),
  cronclave_raft_term: gauge('node', [], 'Term of the consensus'),
  cronclave_raft_leader: gauge('node', [], '1 on the leader, 0 elsewhere'),
  cronclave_raft_has_leader: gauge('node', [], '1 while this node knows of a leader'),
  cronclave_raft_leader_changes_total: counter('node', [], 'Changes of leadership that this node saw'),
  cronclave_raft_elections_total: counter('node', [], 'Elections that this node began'),
  cronclave_raft_commit_index: gauge('node', [], 'Last entry of the log that is committed, as this node knows'),
  cronclave_raft_applied_index: gauge('node', [], 'Last entry that this node has applied'),
  cronclave_raft_apply_lag_entries: gauge('node', [], 'Entries committed and not applied here'),
  cronclave_raft_peer_lag_entries: gauge('leader', ['peer'], 'Entries that a member lacks'),
  cronclave_commit_duration_seconds: histogram('node', [], 'From a change proposed here to its being applied here'),
  cronclave_log_sync_duration_seconds: histogram('node', [], 'Writes to the log, until they are on disk'),
  cronclave_log_syncs_total: counter('node', [], 'Synced writes to the log'),
  cronclave_log_entries_total: counter('node', [], 'Entries written to the log'),
  cronclave_log_written_bytes_total: counter('node', [], 'Bytes of the entries written'),
  cronclave_log_bytes: gauge('node', [], 'Size of the log on disk'),
  cronclave_state_bytes: gauge('node', [], 'Size of state and ledger on disk, as last looked at'),
  cronclave_members: gauge('cluster', [], 'Members of the cluster'),
  cronclave_clock_offset_seconds: gauge('node', ['peer'], 'By how much the clock of a member is ahead of the one here'),
  cronclave_alarms: gauge('node', ['code'], '1 while a node finds this wrong with itself'),
  cronclave_alarms_raised_total: counter('node', ['code'], 'How often a node found this wrong with itself'),
  cronclave_event_loop_delay_seconds: histogram(
    'node',
    [],
    'How late turns of the event loop come, ten times a second',
  ),
  cronclave_start_time_seconds: gauge('node', [], 'When the process started, since the epoch'),
  cronclave_memory_bytes: gauge('node', ['kind'], 'Memory of the process: resident, heap, external'),
  cronclave_cpu_seconds_total: counter('node', [], 'Processor time that the process used'),
  cronclave_build_info: gauge('node', ['version', 'node'], '1, with what is running'),
} as const satisfies Record<string, MetricSpec>

export type MetricName = keyof typeof CATALOG

function counter<L extends readonly string[]>(of: MetricSpec['of'], labels: L, help: string) {
  return { type: 'counter', of, labels, help } as const
}

function gauge<L extends readonly string[]>(of: MetricSpec['of'], labels: L, help: string) {
  return { type: 'gauge', of, labels, help } as const
}

function histogram<L extends readonly string[]>(of: MetricSpec['of'], labels: L, help: string) {
  return { type: 'histogram', of, labels, help } as const
}
