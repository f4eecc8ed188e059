import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const SOURCE = 'control-plane/src/'

/** Folders whose files are values and functions of values. They never import a shell file. */
const PURE = ['cron', 'jobs', 'runs', 'routing', 'sharding', 'raft', 'state', 'signing', 'discovery']
/** Files that own a loop, a file, a socket or a database, outside the edges (`api`, `auth`, `cli`). */
const SHELL = [
  'cluster/engine.ts',
  'cluster/bootstrap.ts',
  'cluster/caretaker.ts',
  'cluster/clock-watch.ts',
  'cluster/digest-watch.ts',
  'cluster/disk-watch.ts',
  'cluster/pace-watch.ts',
  'cluster/lookups.ts',
  'alerts/sender.ts',
  'alerts/watch.ts',
  'alerts/leaderless-watch.ts',
  'alerts/channels/mail.ts',
  'dispatch/dispatcher.ts',
  'dispatch/http.ts',
  'dispatch/notifier.ts',
  'dispatch/connector.ts',
  'dispatch/accepted.ts',
  'dispatch/executor-watch.ts',
  'dispatch/probe.ts',
  'dispatch/wheel.ts',
  'peers/peers.ts',
  'peers/acceptor.ts',
  'peers/dial.ts',
  'peers/peer-tls.ts',
  'peers/stream.ts',
  'peers/line.ts',
  'peers/link.ts',
  'peers/guests.ts',
  'peers/inbound.ts',
  'peers/requests.ts',
  'peers/snapshot-sender.ts',
  'peers/snapshot-receiver.ts',
  'kv/lease-keeper.ts',
  'logs/deliverer.ts',
  'logs/lane.ts',
  'logs/mysql/pool.ts',
  'logs/progress-report.ts',
  'registration/ask-manifest.ts',
  'registration/breaks.ts',
  'registration/manifest-asker.ts',
  'registration/manifest-watch.ts',
  'registration/ping.ts',
  'registration/registry.ts',
  'registration/watch.ts',
  'scheduler/ledger-keeper.ts',
  'output/output.ts',
  'output/output-store.ts',
  'scheduler/scheduler.ts',
  'scheduler/desk.ts',
  'scheduler/workers.ts',
  'scheduler/batcher.ts',
  'store/level.ts',
  'store/level-store.ts',
  'store/folder-lock.ts',
  'store/data-folder.ts',
  'store/folder-bytes.ts',
  'store/free-space.ts',
  'store/ledger-space.ts',
  'store/member-file.ts',
  'store/said-file.ts',
  'store/state-folders.ts',
  'store/state-import.ts',
  'wal/open-wal.ts',
  'wal/segmented-wal.ts',
  'wal/node-file-system.ts',
  'core.ts',
  'crew.ts',
  'duties.ts',
  'enter.ts',
  'node-metrics.ts',
  'node.ts',
  'offline.ts',
  'outlets.ts',
  'reset-admin.ts',
  'take-part.ts',
]
/** The only files that may ask the machine for time and chance. */
const AMBIENT = ['runtime/clock.ts', 'runtime/random.ts']
const LINES_MAX = 400

const files = tracked()
const sources = files
  .filter((file) => file.startsWith(SOURCE) && !file.endsWith('.test.ts'))
  .map((file) => file.slice(SOURCE.length))

describe('the code keeps its shape', () => {
  test('no file is longer than 400 lines', () => {
    const long = files
      .filter((file) => !file.endsWith('.d.ts'))
      .filter((file) => read(file).split('\n').length - 1 > LINES_MAX)
    expect(long).toEqual([])
  })

  test('time and chance are asked for in runtime/ only', () => {
    const ambient = /\bDate\.now\(\)|\bnew Date\(\)|\bMath\.random\(\)|\bperformance\.now\(\)/
    const asking = sources.filter(
      (file) => !AMBIENT.includes(file) && ambient.test(withoutComments(read(SOURCE + file))),
    )
    expect(asking).toEqual([])
  })

  test('a pure file imports no shell file', () => {
    const wrong = edges().filter(([from, to]) => PURE.includes(folderOf(from)) && SHELL.includes(to))
    expect(wrong).toEqual([])
  })

  test('shell folders meet only where they are joined', () => {
    const joins = [
      'core.ts',
      'crew.ts',
      'duties.ts',
      'enter.ts',
      'node.ts',
      'node-metrics.ts',
      'take-part.ts',
      'offline.ts',
      'outlets.ts',
      'reset-admin.ts',
      'cluster/engine.ts',
    ]
    const wrong = edges().filter(
      ([from, to]) =>
        SHELL.includes(from) && SHELL.includes(to) && folderOf(from) !== folderOf(to) && !joins.includes(from),
    )
    expect(wrong).toEqual([])
  })

  test('imports make no circle', () => {
    expect(circle()).toEqual([])
  })

  test('every named shell file exists', () => {
    expect(SHELL.filter((file) => !sources.includes(file))).toEqual([])
  })
})

function tracked(): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return listed.split('\n').filter((file) => file !== '' && !file.includes('/generated/') && exists(file))
}

function exists(file: string): boolean {
  try {
    read(file)
    return true
  } catch {
    return false
  }
}

/** Imports within the server that stay at run time: `import type` leaves nothing behind. */
function edges(): [from: string, to: string][] {
  return sources.flatMap((from) =>
    [...read(SOURCE + from).matchAll(/^(?:import|export)\s+(?!type\b)[^'"]*?from '(\.[^']+)'/gm)].map(
      ([, to]): [string, string] => [from, normalize(join(dirname(from), to as string))],
    ),
  )
}

function circle(): string[] {
  const graph = new Map<string, string[]>()
  for (const [from, to] of edges()) graph.set(from, [...(graph.get(from) ?? []), to])
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    path.push(file)
    for (const next of graph.get(file) ?? []) {
      const found = visit(next)
      if (found.length > 0) return found
    }
    path.pop()
    done.add(file)
    return []
  }
  for (const file of graph.keys()) {
    const found = visit(file)
    if (found.length > 0) return found
  }
  return []
}

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] as string) : ''
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}
