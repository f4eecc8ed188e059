import type { Attempt, Job, Run, RunPrune, Sink } from '@cronclave/openapi'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { SINK_TABLES } from '../../control-plane/src/logs/tables.ts'
import { Child, type Ended } from '../support/child.ts'
import { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { startExecutor } from '../support/executor.ts'
import { mariadbPrograms, MariaDb } from '../support/mariadb.ts'
import { eventually, HOME, newSecret, sleepUntil } from './harness.ts'

const BIN = 'control-plane/dist/cli/main.js'
const JOBS = 20
/** How long the databases are away before the leader is killed, and after it, in milliseconds. */
const BEFORE_MS = 4000
const AFTER_MS = 6000
/** A connection that is refused is tried again after 30 s at most. */
const RETRY_PATIENCE_MS = 60_000

describe.skipIf(!mariadbPrograms)('sinks in MariaDB', () => {
  const dbs: MariaDb[] = []
  afterEach(async () => {
    await Promise.all(dbs.splice(0).map((db) => db.remove()))
  })

  test('S099 one is killed, one hangs, one refuses and the leader dies: no run is later for it, and all end with every row', {
    timeout: 150_000,
  }, async () => {
    for (let i = 0; i < 3; i++) dbs.push(await MariaDb.start())
    const [killed, hanging, refusing] = dbs as [MariaDb, MariaDb, MariaDb]
    const cluster = await Cluster.start({ nodes: 3 })
    onTestFinished(() => cluster.close())
    await addExecutor(cluster)
    for (const [name, db] of Object.entries({ killed, hanging, refusing })) {
      const { kind: _, ...connection } = db.connection()
      await cluster.call('PUT', `/v1/sinks/${name}`, { ...connection, password: db.password })
    }
    await addJobs(cluster)
    await eventually('each sink has rows', async () => (await sinks(cluster)).every(({ rows }) => rows > JOBS))

    await killed.kill()
    hanging.hang()
    await refusing.stop()
    const from = Date.now()
    await sleepUntil(from + BEFORE_MS)
    const leader = await cluster.leader()
    const struck = Date.now()
    await leader.end('SIGKILL')
    await cluster.leader()
    await sleepUntil(struck + AFTER_MS)
    const troubled = await eventually('what is wrong is said of each', async () => {
      const found = await sinks(cluster)
      return found.every(({ trouble }) => trouble !== undefined) && found
    })
    for (const { name, trouble } of troubled) {
      const { password } = { killed, hanging, refusing }[name] as MariaDb
      expect(trouble?.error, name).not.toContain(password)
    }
    leader.start()
    await killed.start()
    hanging.goOn()
    await refusing.start()
    const back = Date.now()

    await eventually('jobs run beside what is made up for', async () =>
      (await everyRun(cluster)).some(({ fireTime }) => Date.parse(fireTime) > back + 1000),
    )
    await comeToRest(cluster)
    await eventually(
      'every sink has every row',
      async () => {
        const found = await sinks(cluster)
        return found.every(({ delivery, trouble }) => delivery?.lagRows === 0 && trouble === undefined)
      },
      RETRY_PATIENCE_MS,
    )

    const runs = await everyRun(cluster)
    expect(runs.length).toBeGreaterThan(JOBS * 5)
    for (const db of dbs) expect(await contentOf(db)).toEqual(contentOfLedger(runs))
    const asked = await cluster.leader()
    for (const name of ['killed', 'hanging', 'refusing']) {
      const { code, said } = await cli(cluster, asked, 'sink', 'verify', name)
      expect(`${code} ${said}`).toMatch(new RegExp(`^0 ${name} is equal: `))
    }

    // With all three sinks away, beside before.
    const away = latenessOf(runs, from, struck - 500)
    expect(away.count).toBeGreaterThan(JOBS)
    expect(away.p90).toBeLessThan(Math.max(1000, 3 * latenessOf(runs, 0, from).p90))
  })

  test('what was there before the sink is in it, what the ledger lets go is read from it, and a changed row is found', async () => {
    dbs.push(await MariaDb.start())
    const [db] = dbs as [MariaDb]
    const cluster = await Cluster.start({ nodes: 1 })
    onTestFinished(() => cluster.close())
    await addExecutor(cluster)
    const { kind: _, ...connection } = db.connection()
    await addJobs(cluster)
    const [node] = cluster.nodes as [ClusterNode]
    // What was there before the sink is delivered, too.
    await eventually('some runs', async () => (await everyRun(cluster)).length > 2 * JOBS)
    await cluster.call('PUT', '/v1/sinks/archive', { ...connection, password: db.password })
    await comeToRest(cluster)
    await eventually('every row is there', async () => {
      const [sink] = await sinks(cluster)
      return (sink?.rows ?? 0) > 0 && sink?.delivery?.lagRows === 0
    })
    const runs = await everyRun(cluster)
    expect(await contentOf(db)).toEqual(contentOfLedger(runs))
    expect(await cli(cluster, node, 'sink', 'verify', 'archive')).toMatchObject({ code: 0 })

    const before = [...runs].sort((a, b) => a.fireTime.localeCompare(b.fireTime))[runs.length >> 1]?.fireTime ?? ''
    const old = runs.filter(({ fireTime }) => fireTime < before)
    const told = await Promise.all(old.map((run) => toldOf(cluster, run)))
    const pruned = await cluster.call<RunPrune>('DELETE', `${HOME}/runs?before=${encodeURIComponent(before)}`)
    expect(pruned).toMatchObject({ done: true, runs: old.length })
    const gone = await eventually('the sink is asked', async () => {
      const found = await Promise.all(old.map((run) => toldOf(cluster, run)))
      return found.every(({ run }) => run.source === 'sink:archive') && found
    })
    const withoutSource = ({ run: { source: _, ...run }, attempts }: Told) => ({ run, attempts })
    expect(gone.map(withoutSource)).toEqual(told.map(withoutSource))
    expect((await everyRun(cluster)).map(({ id }) => id)).toEqual(runs.map(({ id }) => id))
    expect(await cli(cluster, node, 'sink', 'verify', 'archive')).toMatchObject({ code: 0 })

    const [{ cursor } = { cursor: undefined }] = await sinks(cluster)
    // As after a restore from a backup: what was committed last is not there.
    for (const table of ['runs', 'attempts'])
      await db.rows(`DELETE FROM cronclave_${table} ORDER BY log_index DESC, log_ordinal DESC LIMIT 10`)
    expect((await cli(cluster, node, 'sink', 'verify', 'archive')).code).not.toBe(0)
    const preview = await cli(cluster, node, 'sink', 'resend', 'archive', '--from', '2020-01-01T00:00:00Z', '--preview')
    expect(preview).toMatchObject({ code: 0, said: expect.stringMatching(/not in the ledger any more +\d+ rows/) })
    expect((await cli(cluster, node, 'sink', 'verify', 'archive')).code).not.toBe(0)
    expect(await cli(cluster, node, 'sink', 'resend', 'archive', '--from', '2020-01-01T00:00:00Z')).toMatchObject({
      code: 0,
    })
    const again = await eventually('it is where it was', async () => {
      const [sink] = await sinks(cluster)
      return JSON.stringify(sink?.cursor) === JSON.stringify(cursor) && sink
    })
    expect(again).toMatchObject({ gaps: [], delivery: { lagRows: 0 } })
    expect(await cli(cluster, node, 'sink', 'verify', 'archive')).toMatchObject({ code: 0 })

    await db.rows("UPDATE cronclave_attempts SET executor = 'somebody' LIMIT 1")
    const changed = await cli(cluster, node, 'sink', 'verify', 'archive')
    expect(changed.code).not.toBe(0)
    expect(changed.said).toMatch(/attempt +\d+ +\d+ +1 +0\n/)

    const others = SINK_TABLES.attempt.columns.slice(2).join(', ')
    await db.rows(`INSERT INTO cronclave_attempts (log_index, log_ordinal, ${others}, row_sum)
      SELECT log_index, 900, ${others}, row_sum FROM cronclave_attempts ORDER BY log_index DESC LIMIT 1 OFFSET 5`)
    const added = await cli(cluster, node, 'sink', 'verify', 'archive')
    // Its checksum is that of another row, too.
    expect(added.said).toMatch(/attempt +\d+ +\d+ +2 +1\n/)
  })
})

async function addExecutor(cluster: Cluster): Promise<void> {
  const secret = newSecret()
  const executor = await startExecutor({ secret, service: 'e2e' })
  onTestFinished(() => executor.close())
  await cluster.call('POST', `${HOME}/services`, { name: 'e2e', secret })
  await cluster.call('PUT', `${HOME}/services/e2e/executors/e1`, { url: executor.url })
}

/** Jobs that fire every second; every fifth fails at first. */
async function addJobs(cluster: Cluster): Promise<void> {
  for (let job = 0; job < JOBS; job++) {
    await cluster.call<Job>('POST', `${HOME}/jobs`, {
      name: `job-${job}`,
      schedules: [{ every: '1s' }],
      params: { city: 'São Paulo 😀', fails: job % 5 === 0 ? 1 : 0 },
      retry: { max: 1, delay: '100ms' },
      target: { kind: 'handler', service: 'e2e', handler: 'work' },
    })
  }
}

interface Told {
  run: Run
  attempts: Attempt[]
}

async function toldOf(cluster: Cluster, { id }: Run): Promise<Told> {
  const run = await cluster.call<Run>('GET', `${HOME}/runs/${id}`)
  const { items } = await cluster.call<{ items: Attempt[] }>('GET', `${HOME}/runs/${id}/attempts`)
  return { run, attempts: items }
}

/** Nothing fires any more, and nothing is at work. */
async function comeToRest(cluster: Cluster): Promise<void> {
  for (let job = 0; job < JOBS; job++) await cluster.call('POST', `${HOME}/jobs/job-${job}/pause`)
  await eventually('no run is open', async () => {
    const open = await cluster.call<{ items: Run[] }>('GET', `${HOME}/runs?state=running&state=queued&limit=1`)
    return open.items.length === 0
  })
}

async function sinks(cluster: Cluster): Promise<Sink[]> {
  return (await cluster.call<{ items: Sink[] }>('GET', '/v1/sinks')).items
}

async function everyRun(cluster: Cluster): Promise<Run[]> {
  const runs: Run[] = []
  let cursor = ''
  do {
    const page = await cluster.call<{ items: Run[]; nextCursor?: string }>('GET', `${HOME}/runs?limit=500${cursor}`)
    runs.push(...page.items)
    cursor = page.nextCursor === undefined ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`
  } while (cursor !== '')
  return runs.filter(({ state }) => state !== 'running' && state !== 'queued')
}

/** Milliseconds from due to started, of what fell due between two instants. */
function latenessOf(runs: readonly Run[], from: number, to: number): { count: number; p90: number } {
  const late = runs
    .filter(({ dueTime }) => Date.parse(dueTime) > from && Date.parse(dueTime) < to)
    .map(({ dueTime, startedAt = dueTime }) => Date.parse(startedAt) - Date.parse(dueTime))
    .sort((a, b) => a - b)
  return { count: late.length, p90: late[Math.floor(late.length * 0.9)] ?? Number.NaN }
}

interface Content {
  /** Each run with its state. */
  runs: string[]
  attempts: number
}

function contentOfLedger(runs: readonly Run[]): Content {
  const attempts = runs.reduce((sum, run) => sum + run.attempts, 0)
  return { runs: runs.map(({ id, state }) => `${id} ${state}`).sort(), attempts }
}

async function contentOf(db: MariaDb): Promise<Content> {
  const runs = await db.rows('SELECT id, state FROM cronclave_runs')
  const [attempts] = await db.rows('SELECT COUNT(*) AS n FROM cronclave_attempts')
  return {
    runs: runs.map((row) => `${String(row['id'])} ${String(row['state'])}`).sort(),
    attempts: attempts?.['n'] as number,
  }
}

async function cli(cluster: Cluster, node: ClusterNode, ...argv: string[]): Promise<Ended> {
  const env = { CRONCLAVE_TOKEN: await cluster.token(), CRONCLAVE_ENDPOINT: node.url }
  return new Child([BIN, ...argv], env).ended
}
