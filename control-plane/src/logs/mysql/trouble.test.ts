import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mariadbPrograms, MariaDb } from '../../../../test/support/mariadb.ts'
import { attemptRow, runRow } from '../../../../test/support/log-rows.ts'
import { freePorts } from '../../../../test/support/ports.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { SinkConnection } from '../sink.ts'
import { sinkFault } from './faults.ts'
import { mysqlDriver, type MysqlDriverDeps } from './mysql.ts'

const TIMEOUTS = { connectMs: 300, acquireMs: 300, statementMs: 300 }

function sinkAt(connection: SinkConnection, password: string | undefined, more: Partial<MysqlDriverDeps> = {}) {
  const deps = { clock: systemClock(), cluster: () => 'c1', ...more }
  return mysqlDriver(deps).target(connection, password)
}

async function faultOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no fault',
    (error: unknown) => error,
  )
}

describe.skipIf(!mariadbPrograms)('what is wrong with a server is said', () => {
  let db: MariaDb
  beforeAll(async () => {
    db = await MariaDb.start()
    await db.asRoot(
      "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader-word'",
      `GRANT SELECT ON ${db.database}.* TO reader@'127.0.0.1'`,
    )
  })
  afterAll(async () => {
    await db.remove()
  })

  test.each<[string, Partial<SinkConnection>, string, object]>([
    ['a wrong password', {}, 'wrong-word', { code: 'access-denied', retry: false }],
    ['an unknown database', { database: 'nowhere' }, '', { code: 'not-allowed', retry: false }],
    ['a user who may only read', { user: 'reader' }, 'reader-word', { code: 'not-allowed', retry: false }],
    ['a server without TLS', { tls: 'verify' }, '', { code: 'tls', retry: false }],
    ['a name that nobody has', { host: 'nobody.invalid' }, '', { code: 'unreachable', retry: true }],
  ])('%s', async (_, different, password, fault) => {
    const sink = sinkAt({ ...db.connection(), ...different }, password === '' ? db.password : password)
    const found = await faultOf(sink.prepare())
    await sink.close()
    expect(found).toMatchObject(fault)
    expect((found as Error).message).not.toContain('-word')
  })

  test('an unknown database, to a user who would see it', async () => {
    await db.asRoot("CREATE USER IF NOT EXISTS boss@'127.0.0.1'", "GRANT ALL ON *.* TO boss@'127.0.0.1'")
    const sink = sinkAt({ ...db.connection(), user: 'boss', database: 'nowhere' }, undefined)
    expect(await faultOf(sink.prepare())).toMatchObject({
      code: 'no-database',
      message: expect.stringContaining('nowhere') as string,
    })
    await sink.close()
  })

  test('a server that only reads, until it takes changes again', async () => {
    const sink = sinkAt(db.connection('ro_'), db.password)
    await sink.prepare()
    await db.asRoot('SET GLOBAL read_only = 1')
    expect(await faultOf(sink.write([runRow(1)]))).toMatchObject({ code: 'read-only', retry: true })
    expect(await faultOf(sink.prepare())).toMatchObject({ code: 'read-only' })
    await db.asRoot('SET GLOBAL read_only = 0')
    await sink.prepare()
    await sink.write([runRow(1)])
    await sink.close()
  })

  test('a table that is gone, and one with a column that somebody made shorter', async () => {
    const sink = sinkAt(db.connection('gone_'), db.password)
    await sink.prepare()
    await db.rows('ALTER TABLE gone_runs MODIFY job_name VARCHAR(3) NOT NULL')
    expect(await faultOf(sink.write([runRow(1)]))).toMatchObject({ code: 'schema', retry: false })
    await db.rows('DROP TABLE gone_attempts')
    expect(await faultOf(sink.write([attemptRow(1)]))).toMatchObject({ code: 'schema' })
    await sink.close()
  })

  test('too many connections, of all or of this user', async () => {
    await db.asRoot(
      "CREATE USER few@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1",
      `GRANT ALL ON ${db.database}.* TO few@'127.0.0.1'`,
    )
    const connection = { ...db.connection(), user: 'few' }
    const [one, other] = [sinkAt(connection, undefined), sinkAt(connection, undefined)]
    await one.prepare()
    expect(await faultOf(other.prepare())).toMatchObject({ code: 'busy', retry: true })
    await one.close()
    await other.close()
  })

  test('a port at which nobody listens', async () => {
    const [port = 0] = await freePorts(1)
    const sink = sinkAt({ ...db.connection(), port }, db.password)
    expect(await faultOf(sink.prepare())).toMatchObject({ code: 'unreachable', retry: true })
    await sink.close()
  })

  test('an address that the policy does not allow is not connected to, by number or by name', async () => {
    const refused = Object.assign(new Error('127.0.0.1 is a loopback address'), { code: 'EGRESS_REFUSED' })
    const policy: Partial<MysqlDriverDeps> = {
      refuse: () => refused,
      lookup: (_name, _options, done) => done(refused, []),
    }
    for (const host of ['127.0.0.1', 'localhost']) {
      const sink = sinkAt({ ...db.connection(), host }, db.password, policy)
      expect(await faultOf(sink.prepare())).toMatchObject({ code: 'unreachable', retry: false })
      await sink.close()
    }
  })

  test('what was under way when the server died is there as a whole or not at all, and goes on when it is back', async () => {
    const sink = sinkAt(db.connection('lost_'), db.password)
    await sink.prepare()
    const rows = Array.from({ length: 4000 }, (_, index) => [attemptRow(index), runRow(index)]).flat()
    const writing = faultOf(sink.write(rows))
    await db.rows('SELECT SLEEP(0.02)')
    await db.kill()
    const end = await writing
    if (end !== 'no fault') expect(end).toMatchObject({ code: 'lost', retry: true })
    expect(await faultOf(sink.write(rows))).toMatchObject({ code: 'unreachable' })
    await db.start()
    const [before] = await db.rows('SELECT COUNT(*) AS n FROM lost_runs')
    expect([0, 4000]).toContain(before?.['n'])
    await sink.write(rows)
    const [after] = await db.rows(
      'SELECT (SELECT COUNT(*) FROM lost_runs) AS runs, (SELECT COUNT(*) FROM lost_attempts) AS attempts',
    )
    expect(after).toEqual({ runs: 4000, attempts: 4000 })
    await sink.close()
  })

  test('a server that hangs is given up after its time, with every connection, and is written to when it goes on', async () => {
    const sink = sinkAt(db.connection('hang_'), db.password, { timeouts: TIMEOUTS })
    await sink.prepare()
    db.hang()
    try {
      expect(await faultOf(sink.write([runRow(1)]))).toMatchObject({ code: 'timeout', retry: true })
      // New connections are taken by the system, and no greeting comes.
      const many = await Promise.all(Array.from({ length: 6 }, () => faultOf(sink.run('x'))))
      expect(many.map((fault) => (fault as { code: string }).code)).toEqual(expect.arrayContaining(['timeout']))
      expect(many).not.toContain('no fault')
    } finally {
      db.goOn()
    }
    await sink.write([runRow(1), runRow(2)])
    expect(await db.rows('SELECT COUNT(*) AS n FROM hang_runs')).toEqual([{ n: 2 }])
    await sink.close()
  })

  test('rows that somebody else holds are waited for as long as a statement may take', async () => {
    const sink = sinkAt(db.connection('lock_'), db.password, { timeouts: TIMEOUTS })
    await sink.prepare()
    await sink.write([runRow(1)])
    const holding = db.asRoot(
      `USE ${db.database}`,
      'START TRANSACTION',
      'SELECT * FROM lock_runs FOR UPDATE',
      'DO SLEEP(1)',
    )
    await expect
      .poll(
        async () =>
          (await db.asRoot("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DO SLEEP%'")).length,
      )
      .toBe(1)
    expect(await faultOf(sink.write([runRow(1)]))).toMatchObject({ code: 'timeout' })
    await holding
    await sink.write([runRow(1)])
    await sink.close()
  })

  test('what is asked of a closed one fails at once', async () => {
    const sink = sinkAt(db.connection('shut_'), db.password)
    await sink.prepare()
    const reading = faultOf(sink.run('x'))
    await sink.close()
    await reading
    expect(await faultOf(sink.write([runRow(1)]))).toMatchObject({ code: 'closed' })
  })
})

describe('a server that is none', () => {
  let server: Server
  const sockets = new Set<Socket>()
  const listen = async (greet: (socket: Socket) => void) => {
    server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      greet(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as { port: number }).port
  }
  const at = (port: number) =>
    sinkAt(
      { kind: 'mysql', host: '127.0.0.1', port, user: 'u', database: 'd', tls: 'off', tablePrefix: 'p_' },
      'the-word',
      { timeouts: TIMEOUTS },
    )

  test.each<[string, (socket: Socket) => void, RegExp]>([
    ['never greets', () => undefined, /timeout/],
    ['hangs up', (socket) => socket.end(), /lost/],
    ['resets', (socket) => socket.resetAndDestroy(), /lost/],
    ['speaks HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /lost|server-error|timeout/],
    ['sends an endless packet', (socket) => socket.write(Buffer.alloc(100_000, 0xff)), /timeout|lost|server-error/],
  ])('%s', async (_, greet, code) => {
    const sink = at(await listen(greet))
    const fault = (await faultOf(sink.prepare())) as { code: string; message: string }
    expect(fault.code).toMatch(code)
    expect(fault.message).not.toContain('the-word')
    await sink.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
})

test('closing ends what waits for a connection that never comes', async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const connection = {
    kind: 'mysql',
    host: '127.0.0.1',
    port,
    user: 'u',
    database: 'd',
    tls: 'off',
    tablePrefix: '',
  } as const
  const sink = sinkAt(connection, undefined)
  const connected = once(server, 'connection')
  const ends = Promise.all(Array.from({ length: 6 }, () => faultOf(sink.run('x'))))
  await connected
  await sink.close()
  expect((await ends).map((fault) => (fault as { code: string }).code)).toEqual(Array(6).fill('closed'))
  server.close()
})

test('a password that a message repeats is taken out of it', () => {
  const where = { host: 'h', port: 1, user: 'u', database: 'd', password: 'pass-word' }
  expect(sinkFault(new Error('no pass-word here'), where).message).toBe('h:1 says: no *** here')
})
