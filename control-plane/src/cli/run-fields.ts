import type { Run } from '@cronclave/openapi'
import type { Column } from './output.ts'
import { ago, shortDuration } from './phrases.ts'

/** A run in two columns. */
export function runFields(run: Run, now: number): Record<string, string | number | undefined> {
  return {
    id: run.id,
    job: run.job,
    state: run.state,
    reason: run.reason,
    into: run.into,
    error: run.error && `${run.error.message} (${run.error.code})`,
    result: run.result === undefined ? undefined : JSON.stringify(run.result),
    cause: run.cause + (run.requestedBy ? ` by ${run.requestedBy}` : ''),
    parent: run.parent && `${run.parent.run} (${run.parent.moment})`,
    'rerun of': run.rerunOf,
    backfill: run.backfill,
    children: linksText(run.children),
    reruns: linksText(run.reruns),
    'fire time': `${run.fireTime} (${ago(run.fireTime, now)})`,
    started: run.startedAt,
    ended: run.endedAt,
    late: run.latenessMs === undefined ? undefined : shortDuration(run.latenessMs),
    took: run.durationMs === undefined ? undefined : shortDuration(run.durationMs),
    attempts: run.attempts,
    shards: run.shardCounts && shardsText(run.shardCounts),
    executor: run.executor,
    'read from': run.source === 'ledger' ? undefined : run.source,
    params: Object.keys(run.params ?? {}).length > 0 ? JSON.stringify(run.params) : undefined,
  }
}

function shardsText({ total, ...counts }: NonNullable<Run['shardCounts']>): string {
  const present = Object.entries(counts).filter(([, count]) => count > 0)
  return `${total}: ${present.map(([state, count]) => `${count} ${state}`).join(', ')}`
}

function linksText(links: Run['children']): string | undefined {
  return links?.map(({ id, job, state }) => `${id} (${job} ${state})`).join(', ')
}

export function runColumns(now: number): Column<Run>[] {
  return [
    { head: 'id', of: (run) => run.id },
    { head: 'job', of: (run) => run.job },
    { head: 'state', of: (run) => run.state, state: true },
    { head: 'cause', of: (run) => run.cause },
    { head: 'fire time', of: (run) => run.fireTime },
    { head: 'late', of: (run) => (run.latenessMs === undefined ? undefined : shortDuration(run.latenessMs)) },
    { head: 'took', of: (run) => (run.durationMs === undefined ? undefined : shortDuration(run.durationMs)) },
    { head: 'tries', of: (run) => run.attempts },
    { head: 'what', of: (run) => run.reason ?? run.error?.message ?? (run.endedAt && ago(run.endedAt, now)) },
  ]
}
