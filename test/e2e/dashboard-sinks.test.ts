import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { MariaDb, mariadbPrograms } from '../support/mariadb.ts'
import { findBrowser, openBrowser, type Server, startServer, watch } from './browser.ts'

const NS = '/v1/namespaces/default'
const browser = findBrowser()
const isHere = browser !== undefined && mariadbPrograms !== undefined

describe.skipIf(!isHere && process.env['CI'] === undefined)(
  'sinks in the dashboard',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'cronclave-dashboard-sinks-'))
    let server: Server
    let db: MariaDb
    let plain: HttpServer
    let context: BrowserContext
    let page: Page
    let complaints: () => string[]
    let run: string

    beforeAll(async () => {
      plain = createServer((_, response) => void response.end('done')).listen(0, '127.0.0.1')
      await once(plain, 'listening')
      db = await MariaDb.start()
      server = await startServer(join(folder, 'data'))
      const { port } = plain.address() as AddressInfo
      const target = { kind: 'http', method: 'GET', url: `http://127.0.0.1:${port}/` }
      await server.call('PUT', `${NS}/jobs/report`, { target })
      run = (await server.call<{ id: string }>('POST', `${NS}/jobs/report/trigger`, {})).id
      context = await openBrowser(browser, join(folder, 'browser'))
      page = await context.newPage()
      complaints = watch(page, server.url)
      await page.goto(server.link)
    })

    afterEach(() => expect(complaints()).toEqual([]))

    afterAll(async () => {
      await context?.close()
      await server?.stop()
      await db?.remove()
      plain?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    const dialog = () => page.getByRole('dialog')
    const row = () => page.getByRole('row').filter({ hasText: 'archive' })
    const open = async (label: string) => page.getByRole('button', { name: `${label} archive`, exact: true }).click()
    const button = (name: string) => dialog().getByRole('button', { name, exact: true })

    test('S099 one is tried before it is saved, and what is wrong is said with what to do', async () => {
      await page.getByRole('link', { name: 'Sinks', exact: true }).click()
      await page.getByText('There are no sinks').waitFor()
      await page.getByRole('button', { name: 'Add sink' }).click()
      await dialog().getByLabel('Name').fill('archive')
      await dialog().getByLabel('Host').fill('127.0.0.1')
      await dialog().getByLabel('Port').fill(String(db.port))
      await dialog().getByLabel('Database').fill(db.database)
      await dialog().getByLabel('User').fill(db.user)
      await dialog().getByRole('textbox', { name: 'Password' }).fill('wrong')
      await dialog().getByLabel('TLS').selectOption('off')
      await button('Test').click()
      await dialog().getByText('Nothing can be delivered').waitFor()
      await dialog().getByText('does not let the user app in').waitFor()
      await dialog().getByText('Check user and password').waitFor()

      await dialog().getByRole('textbox', { name: 'Password' }).fill(db.password)
      await button('Test').click()
      await dialog().getByText('Rows can be delivered').waitFor()
      expect((await server.call<{ items: object[] }>('GET', '/v1/sinks')).items).toEqual([])
      await button('Save').click()
      await row().getByText('Delivering').waitFor()
      await row().getByText('has every row').waitFor()
    })

    test('it is compared with the ledger, and a row that somebody changed is found', async () => {
      await open('Compare')
      await dialog().getByText('The sink is equal').waitFor()
      await button('Close').click()
      await db.rows("UPDATE cronclave_runs SET state = 'failed'")
      await open('Compare')
      await dialog().getByText('The sink differs').waitFor()
      await dialog().getByRole('row').filter({ hasText: 'Runs' }).waitFor()
      await button('Close').click()
      await db.rows("UPDATE cronclave_runs SET state = 'succeeded'")
    })

    test('it is paused, edited and resumed', async () => {
      await open('Pause')
      await row().getByText('Paused').waitFor()
      await open('Edit')
      const [trusted] = rootCertificates as [string]
      await dialog().getByLabel('TLS').selectOption('verify')
      await dialog().getByLabel('Trusted certificates').fill(`${trusted}\n`)
      await dialog().getByRole('textbox', { name: 'Password' }).fill(db.password)
      await dialog().getByLabel('Table prefix').fill('other_')
      await button('Save').click()
      await dialog().waitFor({ state: 'hidden' })
      await open('Edit')
      expect(await dialog().getByLabel('Table prefix').inputValue()).toBe('other_')
      expect(await dialog().getByLabel('Trusted certificates').inputValue()).toBe(`${trusted}\n`)
      await dialog().getByLabel('Table prefix').fill('third_')
      await button('Save').click()
      await dialog().waitFor({ state: 'hidden' })
      await open('Edit')
      await dialog().getByLabel('TLS').selectOption('off')
      await dialog().getByRole('textbox', { name: 'Password' }).fill(db.password)
      await dialog().getByLabel('Table prefix').fill('cronclave_')
      await button('Save').click()
      await dialog().waitFor({ state: 'hidden' })
      await open('Resume')
      await row().getByText('Delivering').waitFor()
      // It was another place for a while, and began anew.
      const read = () => server.call<{ cursor: { index: number } }>('GET', '/v1/sinks/archive')
      await expect.poll(async () => (await read()).cursor.index, { timeout: 20_000 }).toBeGreaterThan(0)
    })

    test('S096 a run that was deleted here is still shown, as is said before, and the page says where from', async () => {
      await page.goto(`${server.url}/n/default/runs`)
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await dialog().getByLabel('Job').fill('report')
      await dialog().getByLabel('Due before').fill('2999-01-01T00:00:00')
      await button('Preview').click()
      await dialog().getByText('Sink archive keeps what it has of them').waitFor()
      await button('Delete 1').click()
      await dialog().getByText('1 deleted.').waitFor()
      await page.goto(`${server.url}/n/default/runs/${run}`)
      await page.getByText('sink archive').waitFor()
      await page.goto(`${server.url}/n/default/runs`)
      await page.getByRole('link', { name: 'report' }).first().waitFor()
    })

    test('one that is down says so, and the list of runs says what is missing', async () => {
      await db.kill()
      await server.call('POST', `${NS}/jobs/report/trigger`, {})
      await page.goto(`${server.url}/n/default/sinks`)
      await row().getByText('Failing').waitFor()
      await row().getByText('cannot reach').waitFor()
      await page.goto(`${server.url}/n/default/runs`)
      await page.getByText('Older runs may be missing here').waitFor()
    })

    test('it is removed', async () => {
      await page.goto(`${server.url}/n/default/sinks`)
      await open('Remove')
      await button('Remove archive').click()
      await page.getByText('There are no sinks').waitFor()
    })
  },
  60_000,
)
