import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Child } from '../../../../test/support/child.ts'
import { mariadbPrograms, MariaDb } from '../../../../test/support/mariadb.ts'
import { PrivateCa } from '../../../../test/support/private-ca.ts'

const DRIVER = join(import.meta.dirname, 'mysql.ts')
const CLOCK = join(import.meta.dirname, '../../runtime/clock.ts')

describe.skipIf(!mariadbPrograms)('over TLS', () => {
  let ca: PrivateCa
  let db: MariaDb
  beforeAll(async () => {
    ca = new PrivateCa()
    present(ca, 'IP:127.0.0.1')
    db = await MariaDb.start([`--ssl-cert=${inFolder('db.pem')}`, `--ssl-key=${inFolder('db.key')}`])
  })
  afterAll(async () => {
    await db.remove()
    ca.remove()
  })

  const inFolder = (name: string) => join(ca.folder, name)
  /** Puts a certificate where the server reads its own. */
  const present = (issuer: PrivateCa, names: string, days?: number) => {
    const { cert, key } = issuer.issue('db', names, days)
    copyFileSync(cert, inFolder('db.pem'))
    copyFileSync(key, inFolder('db.key'))
  }
  /** What a process that trusts the test's authority finds: `fine`, or the code of a fault. */
  const found = async (host: string, named?: string) => {
    const connection = { ...db.connection(), host, tls: 'verify', ca: named }
    const script = `
      const { mysqlDriver } = await import(${JSON.stringify(DRIVER)})
      const { systemClock } = await import(${JSON.stringify(CLOCK)})
      const driver = mysqlDriver({ clock: systemClock(), cluster: () => 'c1' })
      const sink = driver.target(${JSON.stringify(connection)}, ${JSON.stringify(db.password)})
      console.log('found', await sink.prepare().then(() => 'fine', (fault) => fault.code))
      await sink.close()`
    const child = new Child(['--import', 'tsx', '--input-type=module', '--eval', script], {
      ...(named === undefined ? { NODE_EXTRA_CA_CERTS: ca.ca } : {}),
    })
    const [, word] = await child.says(/found (\S+)/)
    await child.ended
    return word
  }

  test.each([
    ['for its address', 'IP:127.0.0.1', '127.0.0.1', 'fine'],
    ['for its name', 'DNS:localhost', 'localhost', 'fine'],
    ['for a name, where it is known by its address', 'DNS:localhost', '127.0.0.1', 'tls'],
    ['for another name', 'DNS:db.example', 'localhost', 'tls'],
  ])('a certificate %s: %s at %s is %s', async (_, names, host, word) => {
    present(ca, names)
    await db.asRoot('FLUSH SSL')
    expect(await found(host)).toBe(word)
  })

  test('a sink may name who is to be trusted, and then nobody else is', async () => {
    present(ca, 'IP:127.0.0.1')
    await db.asRoot('FLUSH SSL')
    expect(await found('127.0.0.1', readFileSync(ca.ca, 'utf8'))).toBe('fine')
    const stranger = new PrivateCa()
    onTestFinished(() => stranger.remove())
    expect(await found('127.0.0.1', readFileSync(stranger.ca, 'utf8'))).toBe('tls')
  })

  test('a certificate of nobody that is trusted is refused', async () => {
    const stranger = new PrivateCa()
    present(stranger, 'IP:127.0.0.1')
    stranger.remove()
    await db.asRoot('FLUSH SSL')
    expect(await found('127.0.0.1')).toBe('tls')
  })
})
